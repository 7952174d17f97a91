import { put } from './vector';

@unmanaged
class AxpbyArguments {
  x: usize;
  y: usize;
  alpha: f32;
  beta: f32;
}

/** y = alpha·x + beta·y; beta 0 never reads y. x and y may be one buffer. */
export function axpby(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<AxpbyArguments>(args);
  const x = a.x;
  const y = a.y;
  const alpha = f32x4.splat(a.alpha);
  const beta = f32x4.splat(a.beta);
  if (a.beta == 0) {
    for (let i = begin; i < end; i += 4) {
      const at = <usize>i << 2;
      put(y + at, f32x4.mul(alpha, v128.load(x + at)), end - i);
    }
    return;
  }
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    put(y + at, f32x4.add(f32x4.mul(alpha, v128.load(x + at)), f32x4.mul(beta, v128.load(y + at))), end - i);
  }
}
