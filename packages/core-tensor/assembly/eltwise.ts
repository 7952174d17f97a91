import { choose, put } from './vector';

@unmanaged
class PairArguments {
  a: usize;
  b: usize;
  y: usize;
  coefficientA: f32;
  coefficientB: f32;
}

@unmanaged
class MaxArguments {
  a: usize;
  b: usize;
  y: usize;
  mask: usize; // 0: not wanted
  index: i32; // of input b; from 2 on, a is the best so far and the mask holds its index
}

@unmanaged
class MaxBackwardArguments {
  mask: usize;
  dy: usize;
  dx: usize;
  index: i32;
}

/** y = coefficientA·a + coefficientB·b; y may be a. */
export function eltwiseSum(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<PairArguments>(args);
  const coefficientA = f32x4.splat(s.coefficientA);
  const coefficientB = f32x4.splat(s.coefficientB);
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    const a = f32x4.mul(coefficientA, v128.load(s.a + at));
    put(s.y + at, f32x4.add(a, f32x4.mul(coefficientB, v128.load(s.b + at))), end - i);
  }
}

/** y = a·b; y may be a. */
export function eltwiseProduct(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<PairArguments>(args);
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    put(s.y + at, f32x4.mul(v128.load(s.a + at), v128.load(s.b + at)), end - i);
  }
}

/** y = the larger and mask = its input; of the first two, a wins only when strictly greater, later b only then. */
export function eltwiseMax(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<MaxArguments>(args);
  const first = s.index == 1;
  const mask = s.mask;
  const index = f32x4.splat(<f32>s.index);
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    const a = v128.load(s.a + at);
    const b = v128.load(s.b + at);
    const bWins = first ? v128.not(f32x4.gt(a, b)) : f32x4.gt(b, a);
    put(s.y + at, choose(bWins, b, a), end - i);
    if (mask == 0) continue;
    put(mask + at, choose(bWins, index, first ? f32x4.splat(0) : v128.load(mask + at)), end - i);
  }
}

/** dx = mask is the input's index ? dy : 0. */
export function eltwiseMaxBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<MaxBackwardArguments>(args);
  const index = f32x4.splat(<f32>s.index);
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    put(s.dx + at, v128.and(f32x4.eq(v128.load(s.mask + at), index), v128.load(s.dy + at)), end - i);
  }
}
