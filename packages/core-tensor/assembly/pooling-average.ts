import { loadApart, PoolingArguments } from './pooling';
import { keep, put, sumLanes } from './vector';

/** Planes: y = Σ over the window inside the image / the window's area clipped to the padded image; empty gives 0. */
export function poolingAverage(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const plane = (<usize>a.height * <usize>a.width) << 2;
  const outPlane = (<usize>a.outHeight * <usize>a.outWidth) << 2;
  for (let item = begin; item < end; item++) {
    const x = a.x + <usize>item * plane;
    let at = a.y + <usize>item * outPlane;
    for (let row = 0; row < a.outHeight; row++) {
      const top = row * a.strideH - a.padH;
      const from = max(top, 0);
      const to = min(top + a.kernelH, a.height);
      const rows = min(top + a.kernelH, a.height + a.padH) - top;
      for (let column = 0; column < a.innerBegin; column++) averageAt(a, x, at, from, to, rows, column);
      for (let column = a.innerBegin; column < a.innerEnd; column += 4) {
        averageOfFour(a, x, at, from, to, rows, column);
      }
      const rest = max(a.innerBegin, a.innerEnd);
      for (let column = rest; column < a.outWidth; column++) averageAt(a, x, at, from, to, rows, column);
      at += <usize>a.outWidth << 2;
    }
  }
}

function averageAt(a: PoolingArguments, x: usize, at: usize, from: i32, to: i32, rows: i32, column: i32): void {
  const left = column * a.strideW - a.padW;
  const first = max(left, 0);
  const right = min(left + a.kernelW, a.width);
  let sum: f32 = 0;
  for (let h = from; h < to; h++) {
    for (let w = first; w < right; w++) sum += load<f32>(x + (<usize>(h * a.width + w) << 2));
  }
  const area = rows * (min(left + a.kernelW, a.width + a.padW) - left);
  const empty = from >= to || first >= right;
  store<f32>(at + (<usize>column << 2), empty ? 0 : sum / <f32>area);
}

// @ts-ignore: decorator
@inline
function averageOfFour(a: PoolingArguments, x: usize, at: usize, from: i32, to: i32, rows: i32, column: i32): void {
  const left = column * a.strideW - a.padW;
  let sum = f32x4.splat(0);
  for (let h = from; h < to; h++) {
    let p = x + (<usize>(h * a.width + left) << 2);
    for (let w = 0; w < a.kernelW; w++, p += 4) sum = f32x4.add(sum, loadApart(p, a.strideW));
  }
  const area = f32x4.splat(<f32>(rows * a.kernelW));
  const average = from >= to ? f32x4.splat(0) : f32x4.div(sum, area);
  put(at + (<usize>column << 2), average, a.innerEnd - column);
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

/** Planes: dx = Σ dy/divisor of the windows over each value. */
export function poolingAverageBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const plane = (<usize>a.height * <usize>a.width) << 2;
  const outPlane = (<usize>a.outHeight * <usize>a.outWidth) << 2;
  for (let item = begin; item < end; item++) {
    const dx = a.x + <usize>item * plane;
    let at = a.y + <usize>item * outPlane;
    memory.fill(dx, 0, plane);
    for (let row = 0; row < a.outHeight; row++) {
      const top = row * a.strideH - a.padH;
      const from = max(top, 0);
      const to = min(top + a.kernelH, a.height);
      const rows = min(top + a.kernelH, a.height + a.padH) - top;
      let column = 0;
      if (a.strideW == 1) {
        for (; column < a.innerBegin; column++) spreadAt(a, dx, at, from, to, rows, column);
        for (; column < a.innerEnd; column += 4) spreadFour(a, dx, at, from, to, rows, column);
        column = max(a.innerBegin, a.innerEnd);
      }
      for (; column < a.outWidth; column++) spreadAt(a, dx, at, from, to, rows, column);
      at += <usize>a.outWidth << 2;
    }
  }
}

function spreadAt(a: PoolingArguments, dx: usize, at: usize, from: i32, to: i32, rows: i32, column: i32): void {
  const left = column * a.strideW - a.padW;
  const right = min(left + a.kernelW, a.width);
  const area = rows * (min(left + a.kernelW, a.width + a.padW) - left);
  const share = load<f32>(at + (<usize>column << 2)) / <f32>area;
  for (let h = from; h < to; h++) {
    for (let w = max(left, 0); w < right; w++) {
      const p = dx + (<usize>(h * a.width + w) << 2);
      store<f32>(p, load<f32>(p) + share);
    }
  }
}

/** Four windows one apart: each kernel column adds the four shares to four neighbours. */
function spreadFour(a: PoolingArguments, dx: usize, at: usize, from: i32, to: i32, rows: i32, column: i32): void {
  const left = column - a.padW;
  const count = a.innerEnd - column;
  const share = f32x4.div(v128.load(at + (<usize>column << 2)), f32x4.splat(<f32>(rows * a.kernelW)));
  for (let h = from; h < to; h++) {
    let p = dx + (<usize>(h * a.width + left) << 2);
    for (let w = 0; w < a.kernelW; w++, p += 4) put(p, f32x4.add(v128.load(p), share), count);
  }
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
