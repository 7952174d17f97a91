import { threadWorkspace } from './control';
import { scalePower } from './lrn';
import { put } from './vector';

@unmanaged
class LrnWithinArguments {
  x: usize;
  y: usize;
  s: usize;
  dy: usize;
  dx: usize;
  height: i32;
  width: i32;
  reach: i32;
  factor: f32; // alpha/size²: padding counts
  beta: f32;
}

/** Sums of each value's window along its row. */
function rowSums(from: usize, to: usize, width: i32, reach: i32): void {
  for (let w = 0; w < width; w++) {
    const last = min(w + reach, width - 1);
    let sum: f32 = 0;
    for (let j = max(w - reach, 0); j <= last; j++) sum += load<f32>(from + (<usize>j << 2));
    store<f32>(to + (<usize>w << 2), sum);
  }
}

/** Σ over rows h−reach … h+reach of the row sums, at column w and the three behind it. */
// @ts-ignore: decorator
@inline
function windowSum(sums: usize, h: i32, w: i32, height: i32, width: i32, reach: i32): v128 {
  const last = min(h + reach, height - 1);
  let sum = f32x4.splat(0);
  for (let i = max(h - reach, 0); i <= last; i++) {
    sum = f32x4.add(sum, v128.load(sums + (<usize>(i * width + w) << 2)));
  }
  return sum;
}

/** Planes: s = 1 + factor·Σ x² over a square window, y = x·s^−beta. The workspace holds a plane and a row. */
export function lrnWithin(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<LrnWithinArguments>(args);
  const width = a.width;
  const plane = <usize>(a.height * width) << 2;
  const sums = threadWorkspace(thread);
  const row = sums + plane + 64;
  const one = f32x4.splat(1);
  for (let item = begin; item < end; item++) {
    const offset = <usize>item * plane;
    for (let h = 0; h < a.height; h++) {
      const at = <usize>(h * width) << 2;
      for (let w = 0; w < width; w++) {
        const x = load<f32>(a.x + offset + at + (<usize>w << 2));
        store<f32>(row + (<usize>w << 2), x * x);
      }
      rowSums(row, sums + at, width, a.reach);
    }
    for (let h = 0; h < a.height; h++) {
      for (let w = 0; w < width; w += 4) {
        const at = offset + (<usize>(h * width + w) << 2);
        const sum = windowSum(sums, h, w, a.height, width, a.reach);
        const s = f32x4.add(one, f32x4.mul(f32x4.splat(a.factor), sum));
        put(a.s + at, s, width - w);
        put(a.y + at, f32x4.mul(v128.load(a.x + at), scalePower(s, a.beta)), width - w);
      }
    }
  }
}

/** dx = dy·s^−beta − 2·factor·beta·x·Σ dy·y/s over the window. */
export function lrnWithinBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<LrnWithinArguments>(args);
  const width = a.width;
  const plane = <usize>(a.height * width) << 2;
  const sums = threadWorkspace(thread);
  const row = sums + plane + 64;
  const slope = f32x4.splat(2 * a.factor * a.beta);
  for (let item = begin; item < end; item++) {
    const offset = <usize>item * plane;
    for (let h = 0; h < a.height; h++) {
      const at = <usize>(h * width) << 2;
      for (let w = 0; w < width; w++) {
        const here = offset + at + (<usize>w << 2);
        const ratio = (load<f32>(a.dy + here) * load<f32>(a.y + here)) / load<f32>(a.s + here);
        store<f32>(row + (<usize>w << 2), ratio);
      }
      rowSums(row, sums + at, width, a.reach);
    }
    for (let h = 0; h < a.height; h++) {
      for (let w = 0; w < width; w += 4) {
        const at = offset + (<usize>(h * width + w) << 2);
        const sum = windowSum(sums, h, w, a.height, width, a.reach);
        const direct = f32x4.mul(v128.load(a.dy + at), scalePower(v128.load(a.s + at), a.beta));
        const through = f32x4.mul(f32x4.mul(slope, v128.load(a.x + at)), sum);
        put(a.dx + at, f32x4.sub(direct, through), width - w);
      }
    }
  }
}
