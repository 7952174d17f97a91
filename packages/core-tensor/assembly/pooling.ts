import { choose, put } from './vector';

@unmanaged
export class PoolingArguments {
  x: usize; // dx in backward
  y: usize; // dy in backward
  mask: usize; // 0: not wanted
  height: i32;
  width: i32;
  outHeight: i32;
  outWidth: i32;
  kernelH: i32;
  kernelW: i32;
  strideH: i32;
  strideW: i32;
  padH: i32;
  padW: i32;
  innerBegin: i32; // columns of y whose windows lie inside the image's width
  innerEnd: i32;
  ranges: usize; // average backward: for each kernel column, first and end of the windows that have it inside the width
}

export const LOWEST: f32 = -3.4028234663852886e38;

/** Four values `stride` apart. */
// @ts-ignore: decorator
@inline
export function loadApart(at: usize, stride: i32): v128 {
  if (stride == 1) return v128.load(at);
  if (stride == 2) return v128.shuffle<i32>(v128.load(at), v128.load(at, 16), 0, 2, 4, 6);
  const step = <usize>stride << 2;
  let v = v128.load32_splat(at);
  v = v128.load_lane<f32>(at + step, v, 1);
  v = v128.load_lane<f32>(at + 2 * step, v, 2);
  return v128.load_lane<f32>(at + 3 * step, v, 3);
}

/** Planes: y = each window's maximum from −FLT_MAX on, mask = its h·width + w, the first in row-major order, or −1. */
export function poolingMax(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const plane = (<usize>a.height * <usize>a.width) << 2;
  const outPlane = (<usize>a.outHeight * <usize>a.outWidth) << 2;
  for (let item = begin; item < end; item++) {
    const x = a.x + <usize>item * plane;
    let at = <usize>item * outPlane;
    for (let row = 0; row < a.outHeight; row++) {
      const top = row * a.strideH - a.padH;
      const from = max(top, 0);
      const to = min(top + a.kernelH, a.height);
      for (let column = 0; column < a.innerBegin; column++) maxAt(a, x, at, from, to, column);
      for (let column = a.innerBegin; column < a.innerEnd; column += 4) {
        if (a.strideW == 2) maxOfFour(a, x, at, from, to, column, 2);
        else if (a.strideW == 1) maxOfFour(a, x, at, from, to, column, 1);
        else maxOfFour(a, x, at, from, to, column, a.strideW);
      }
      for (let column = max(a.innerBegin, a.innerEnd); column < a.outWidth; column++) maxAt(a, x, at, from, to, column);
      at += <usize>a.outWidth << 2;
    }
  }
}

export function maxAt(a: PoolingArguments, x: usize, at: usize, from: i32, to: i32, column: i32): void {
  const left = column * a.strideW - a.padW;
  const right = min(left + a.kernelW, a.width);
  let best = LOWEST;
  let winner = -1;
  for (let h = from; h < to; h++) {
    for (let w = max(left, 0); w < right; w++) {
      const index = h * a.width + w;
      const value = load<f32>(x + (<usize>index << 2));
      if (value > best) {
        best = value;
        winner = index;
      }
    }
  }
  const here = at + (<usize>column << 2);
  store<f32>(a.y + here, best);
  if (a.mask) store<f32>(a.mask + here, <f32>winner);
}

/** Four columns (or those left) whose windows lie inside the width. */
// @ts-ignore: decorator
@inline
function maxOfFour(a: PoolingArguments, x: usize, at: usize, from: i32, to: i32, column: i32, stride: i32): void {
  const left = column * stride - a.padW;
  const lanes = f32x4.mul(f32x4.splat(<f32>stride), f32x4(0, 1, 2, 3));
  let best = f32x4.splat(LOWEST);
  let winner = f32x4.splat(-1);
  for (let h = from; h < to; h++) {
    const first = h * a.width + left;
    let index = f32x4.add(f32x4.splat(<f32>first), lanes);
    let p = x + (<usize>first << 2);
    let w = 0;
    if (stride == 2) {
      // Two kernel columns from the same eight values.
      for (; w < a.kernelW - 1; w += 2, p += 8) {
        const low = v128.load(p);
        const high = v128.load(p, 16);
        const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
        winner = choose(f32x4.gt(even, best), index, winner);
        best = f32x4.pmax(best, even);
        index = f32x4.add(index, f32x4.splat(1));
        const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
        winner = choose(f32x4.gt(odd, best), index, winner);
        best = f32x4.pmax(best, odd);
        index = f32x4.add(index, f32x4.splat(1));
      }
    }
    for (; w < a.kernelW; w++, p += 4) {
      const value = loadApart(p, stride);
      winner = choose(f32x4.gt(value, best), index, winner);
      best = f32x4.pmax(best, value); // best < value ? value : best
      index = f32x4.add(index, f32x4.splat(1));
    }
  }
  const here = at + (<usize>column << 2);
  put(a.y + here, best, a.innerEnd - column);
  if (a.mask) put(a.mask + here, winner, a.innerEnd - column);
}
