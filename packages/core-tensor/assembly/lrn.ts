import { threadWorkspace } from './control';
import { pow4 } from './exp-log';
import { put } from './vector';

@unmanaged
class LrnArguments {
  x: usize;
  y: usize;
  s: usize;
  dy: usize;
  dx: usize;
  channels: i32;
  plane: i32;
  groups: i32; // of 16 positions in a plane
  reach: i32; // (size − 1)/2
  offset: f32; // k
  factor: f32; // alpha/size
  beta: f32;
}

/** s^−beta, the usual exponents by square roots. */
// @ts-ignore: decorator
@inline
export function scalePower(s: v128, beta: f32): v128 {
  const one = f32x4.splat(1);
  if (beta == 0.75) {
    const root = f32x4.sqrt(s);
    return f32x4.div(one, f32x4.mul(root, f32x4.sqrt(root)));
  }
  if (beta == 0.5) return f32x4.div(one, f32x4.sqrt(s));
  if (beta == 1) return f32x4.div(one, s);
  if (beta == 0) return one;
  return pow4(s, -beta);
}

/** Across channels, by groups of 16 positions of one image: s = offset + factor·Σ x², y = x·s^−beta. */
export function lrnAcross(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<LrnArguments>(args);
  const step = <usize>a.plane << 2;
  const offset = f32x4.splat(a.offset);
  const factor = f32x4.splat(a.factor);
  for (let item = begin; item < end; item++) {
    const n = item / a.groups;
    const first = (item % a.groups) * 16;
    const last = min(first + 16, a.plane);
    const image = (<usize>n * <usize>a.channels * <usize>a.plane) << 2;
    for (let c = 0; c < a.channels; c++) {
      const from = max(c - a.reach, 0);
      const to = min(c + a.reach, a.channels - 1);
      for (let i = first; i < last; i += 4) {
        const at = image + (<usize>i << 2);
        let sum = f32x4.splat(0);
        let p = a.x + at + <usize>from * step;
        for (let k = from; k <= to; k++, p += step) {
          const v = v128.load(p);
          sum = f32x4.add(sum, f32x4.mul(v, v));
        }
        const s = f32x4.add(offset, f32x4.mul(factor, sum));
        const here = at + <usize>c * step;
        put(a.s + here, s, last - i);
        put(a.y + here, f32x4.mul(v128.load(a.x + here), scalePower(s, a.beta)), last - i);
      }
    }
  }
}

/** dx = dy·s^−beta − 2·factor·beta·x·Σ dy·y/s over the window. */
export function lrnAcrossBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<LrnArguments>(args);
  const step = <usize>a.plane << 2;
  const slope = f32x4.splat(2 * a.factor * a.beta);
  const ratios = threadWorkspace(thread); // dy·y/s of 16 positions, 64 bytes a channel
  for (let item = begin; item < end; item++) {
    const n = item / a.groups;
    const first = (item % a.groups) * 16;
    const last = min(first + 16, a.plane);
    const image = (<usize>n * <usize>a.channels * <usize>a.plane) << 2;
    for (let c = 0; c < a.channels; c++) {
      for (let i = first; i < last; i += 4) {
        const at = image + <usize>c * step + (<usize>i << 2);
        const ratio = f32x4.div(f32x4.mul(v128.load(a.dy + at), v128.load(a.y + at)), v128.load(a.s + at));
        v128.store(ratios + (<usize>c << 6) + (<usize>(i - first) << 2), ratio);
      }
    }
    for (let c = 0; c < a.channels; c++) {
      const from = max(c - a.reach, 0);
      const to = min(c + a.reach, a.channels - 1);
      for (let i = first; i < last; i += 4) {
        let sum = f32x4.splat(0);
        let p = ratios + (<usize>from << 6) + (<usize>(i - first) << 2);
        for (let k = from; k <= to; k++, p += 64) sum = f32x4.add(sum, v128.load(p));
        const at = image + <usize>c * step + (<usize>i << 2);
        const direct = f32x4.mul(v128.load(a.dy + at), scalePower(v128.load(a.s + at), a.beta));
        const through = f32x4.mul(f32x4.mul(slope, v128.load(a.x + at)), sum);
        put(a.dx + at, f32x4.sub(direct, through), last - i);
      }
    }
  }
}
