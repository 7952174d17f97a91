import { threadWorkspace } from './control';
import { loadApart, PoolingArguments } from './pooling';
import { keep, put, sumLanes } from './vector';

/**
 * Planes: y = Σ over the window inside the image / the window's area clipped to the padded image; empty gives 0. The
 * window's rows are summed first, into a row of the thread's workspace.
 */
export function poolingAverage(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const plane = (<usize>a.height * <usize>a.width) << 2;
  const outPlane = (<usize>a.outHeight * <usize>a.outWidth) << 2;
  const sums = threadWorkspace(thread);
  for (let item = begin; item < end; item++) {
    const x = a.x + <usize>item * plane;
    let at = a.y + <usize>item * outPlane;
    for (let row = 0; row < a.outHeight; row++, at += <usize>a.outWidth << 2) {
      const top = row * a.strideH - a.padH;
      const rows = min(top + a.kernelH, a.height + a.padH) - top;
      const to = min(top + a.kernelH, a.height);
      if (max(top, 0) >= to) {
        memory.fill(at, 0, <usize>a.outWidth << 2);
        continue;
      }
      sumRows(x, sums, max(top, 0), to, a.width);
      for (let column = 0; column < a.innerBegin; column++) averageAt(a, sums, at, rows, column);
      const area = f32x4.splat(<f32>(rows * a.kernelW));
      for (let column = a.innerBegin; column < a.innerEnd; column += 4) {
        let p = sums + (<usize>(column * a.strideW - a.padW) << 2);
        let sum = f32x4.splat(0);
        for (let w = 0; w < a.kernelW; w++, p += 4) sum = f32x4.add(sum, loadApart(p, a.strideW));
        put(at + (<usize>column << 2), f32x4.div(sum, area), a.innerEnd - column);
      }
      for (let column = a.innerEnd; column < a.outWidth; column++) averageAt(a, sums, at, rows, column);
    }
  }
}

/** sums = rows from … to − 1, added up. */
function sumRows(x: usize, sums: usize, from: i32, to: i32, width: i32): void {
  for (let i = 0; i < width; i += 4) {
    let p = x + (<usize>(from * width + i) << 2);
    let sum = v128.load(p);
    for (let h = from + 1; h < to; h++) {
      p += <usize>width << 2;
      sum = f32x4.add(sum, v128.load(p));
    }
    v128.store(sums + (<usize>i << 2), sum);
  }
}

function averageAt(a: PoolingArguments, sums: usize, at: usize, rows: i32, column: i32): void {
  const left = column * a.strideW - a.padW;
  const right = min(left + a.kernelW, a.width);
  let sum: f32 = 0;
  for (let w = max(left, 0); w < right; w++) sum += load<f32>(sums + (<usize>w << 2));
  const area = rows * (min(left + a.kernelW, a.width + a.padW) - left);
  store<f32>(at + (<usize>column << 2), max(left, 0) >= right ? 0 : sum / <f32>area);
}

/** The same where one window covers the whole plane. */
export function poolingAverageGlobal(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const count = a.height * a.width;
  for (let item = begin; item < end; item++) {
    let total: f64 = 0;
    let x = a.x + ((<usize>item * <usize>count) << 2);
    for (let h = 0; h < a.height; h++, x += <usize>a.width << 2) {
      let sum = f32x4.splat(0);
      for (let w = 0; w < a.width; w += 4) sum = f32x4.add(sum, keep(v128.load(x + (<usize>w << 2)), a.width - w));
      total += <f64>sumLanes(sum);
    }
    store<f32>(a.y + (<usize>item << 2), <f32>(total / <f64>count));
  }
}

/** Planes: dx = Σ dy/divisor of the windows over each value: along a row in the thread's workspace first, then down. */
export function poolingAverageBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const line = <usize>a.width << 2;
  const outPlane = (<usize>a.outHeight * <usize>a.outWidth) << 2;
  const sums = threadWorkspace(thread);
  const shares = sums + line + 64 + (<usize>a.kernelW << 2);
  // 0 before and behind the shares of a row, as far as windows over its values could lie.
  memory.fill(sums, 0, shares - sums + (<usize>(a.width + a.padW + a.outWidth) << 2) + 64);
  for (let item = begin; item < end; item++) {
    const dx = a.x + <usize>item * <usize>a.height * line;
    let dy = a.y + <usize>item * outPlane;
    let written = 0; // rows of dx
    for (let row = 0; row < a.outHeight; row++, dy += <usize>a.outWidth << 2) {
      const top = row * a.strideH - a.padH;
      const from = max(top, 0);
      const to = min(top + a.kernelH, a.height);
      if (from >= to) continue;
      shareOut(a, dy, shares, min(top + a.kernelH, a.height + a.padH) - top);
      addAlong(a, shares, sums);
      if (from > written) memory.fill(dx + <usize>written * line, 0, <usize>(from - written) * line);
      for (let h = from; h < to; h++) {
        if (h < written) addRow(dx + <usize>h * line, sums, a.width);
        else copyRow(dx + <usize>h * line, sums, a.width);
      }
      written = to;
    }
    memory.fill(dx + <usize>written * line, 0, <usize>(a.height - written) * line);
  }
}

function copyRow(to: usize, from: usize, count: i32): void {
  for (; count > 3; count -= 4, to += 16, from += 16) v128.store(to, v128.load(from));
  if (count > 0) put(to, v128.load(from), count);
}

function addRow(to: usize, from: usize, count: i32): void {
  for (; count > 3; count -= 4, to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  if (count > 0) put(to, f32x4.add(v128.load(to), v128.load(from)), count);
}

/** shares = dy of a row of windows, each divided by its window's area. */
function shareOut(a: PoolingArguments, dy: usize, shares: usize, rows: i32): void {
  const whole = f32x4.splat(<f32>(rows * a.kernelW));
  for (let k = 0; k < a.outWidth; k += 4) {
    v128.store(shares + (<usize>k << 2), f32x4.div(v128.load(dy + (<usize>k << 2)), whole));
  }
  v128.store(shares + (<usize>a.outWidth << 2), f32x4.splat(0));
  for (let column = a.outWidth - 1; column >= 0; column--) {
    const left = column * a.strideW - a.padW;
    const beyond = left + a.kernelW - (a.width + a.padW);
    if (beyond <= 0) break; // nor do the windows before it reach beyond the padding
    const at = <usize>column << 2;
    store<f32>(shares + at, load<f32>(dy + at) / <f32>(rows * (a.kernelW - beyond)));
  }
}

/** sums = the shares of the windows over each column, from the kernel's first column on. */
function addAlong(a: PoolingArguments, shares: usize, sums: usize): void {
  // Window k covers with its column w the column k·stride + w − padW.
  let p = shares + (<isize>a.padW << 2);
  if (a.strideW == 1) {
    for (let i = 0; i < a.width; i += 4, p += 16) {
      let sum = v128.load(p);
      if (a.kernelW == 3) sum = f32x4.add(f32x4.add(sum, v128.load(p - 4)), v128.load(p - 8));
      else for (let w = 1; w < a.kernelW; w++) sum = f32x4.add(sum, v128.load(p - (<usize>w << 2)));
      v128.store(sums + (<usize>i << 2), sum);
    }
  } else if (a.strideW == 2) {
    const odd = a.padW & 1;
    const even = 1 - odd;
    for (let i = 0; i < a.width; i += 8) {
      const first = addEvery2(a, shares, i + a.padW, odd);
      const second = addEvery2(a, shares, i + 1 + a.padW, even);
      const at = sums + (<usize>i << 2);
      v128.store(at, v128.shuffle<i32>(first, second, 0, 4, 1, 5));
      v128.store(at, v128.shuffle<i32>(first, second, 2, 6, 3, 7), 16);
    }
  } else {
    memory.fill(sums, 0, <usize>a.width << 2);
    for (let w = 0; w < a.kernelW; w++) {
      const end = load<i32>(a.ranges + (<usize>w << 3), 4);
      for (let k = load<i32>(a.ranges + (<usize>w << 3)); k < end; k++) {
        const at = sums + (<usize>(k * a.strideW + w - a.padW) << 2);
        store<f32>(at, load<f32>(at) + load<f32>(shares + (<usize>k << 2)));
      }
    }
  }
}

/** Of four columns 2 apart, the first of which is `column` of the padded image: what windows give them by w, w + 2 … */
// @ts-ignore: decorator
@inline
function addEvery2(a: PoolingArguments, shares: usize, column: i32, w: i32): v128 {
  let p = shares + (((column - w) >> 1) << 2);
  let sum = f32x4.splat(0);
  for (; w < a.kernelW; w += 2, p -= 4) sum = f32x4.add(sum, v128.load(p));
  return sum;
}

/** The same where one window covers the whole plane. */
export function poolingAverageGlobalBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const count = a.height * a.width;
  for (let item = begin; item < end; item++) {
    const share = f32x4.splat(load<f32>(a.y + (<usize>item << 2)) / <f32>count);
    const dx = a.x + ((<usize>item * <usize>count) << 2);
    for (let i = 0; i < count; i += 4) put(dx + (<usize>i << 2), share, count - i);
  }
}
