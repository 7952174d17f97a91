import { coefficientsOf } from './batch-norm-statistics';
import { put, relu4 } from './vector';

@unmanaged
class RowsArguments {
  x: usize;
  y: usize;
  stash: usize; // 0: none
  rows: i32;
  channels: i32;
  plane: i32;
  relu: i32;
  slope: f32;
}

/** Rows (n,c): y = (x − mean)·factor + bias, then the activation; x and y may be one buffer, stash receives x. */
export function batchNorm(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<RowsArguments>(args);
  const plane = a.plane;
  let channel = begin % a.channels;
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>plane) << 2;
    const x = a.x + offset;
    const y = a.y + offset;
    const coefficients = coefficientsOf(a.rows, channel);
    if (++channel == a.channels) channel = 0;
    if (a.stash) keepRow(x, a.stash + offset, plane);
    if (a.relu) normalise(true, x, y, plane, coefficients, a.slope);
    else normalise(false, x, y, plane, coefficients, 0);
  }
}

function keepRow(x: usize, stash: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) put(stash + (<usize>i << 2), v128.load(x + (<usize>i << 2)), count - i);
}

// @ts-ignore: decorator
@inline
function normalise(relu: bool, x: usize, y: usize, count: i32, coefficients: usize, slope: f32): void {
  const mean = v128.load32_splat(coefficients);
  const factor = v128.load32_splat(coefficients, 4);
  const bias = v128.load32_splat(coefficients, 8);
  const slopes = f32x4.splat(slope);
  let i = 0;
  for (; i <= count - 8; i += 8) {
    const at = <usize>i << 2;
    let u = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x + at), mean), factor), bias);
    let v = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x + at, 16), mean), factor), bias);
    if (relu) u = relu4(u, slopes);
    if (relu) v = relu4(v, slopes);
    v128.store(y + at, u);
    v128.store(y + at, v, 16);
  }
  for (; i < count; i += 4) {
    const at = <usize>i << 2;
    let v = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x + at), mean), factor), bias);
    if (relu) v = relu4(v, slopes);
    put(y + at, v, count - i);
  }
}
