import { pow4 } from './exp-log';
import { put } from './vector';

@unmanaged
class PowerArguments {
  x: usize;
  y: usize;
  scale: f32;
  shift: f32;
  power: f32;
}

@unmanaged
class PowerBackwardArguments {
  x: usize;
  dy: usize;
  dx: usize;
  scale: f32;
  shift: f32;
  power: f32;
  factor: f32;
}

/** baseᵖ, with the usual exponents by plain arithmetic. */
// @ts-ignore: decorator
@inline
function power4(base: v128, p: f32): v128 {
  if (p == 1) return base;
  if (p == 2) return f32x4.mul(base, base);
  if (p == 0) return f32x4.splat(1);
  if (p == -1) return f32x4.div(f32x4.splat(1), base);
  return pow4(base, p);
}

/** y = (shift + scale·x)^power; x and y may be one buffer. */
export function power(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<PowerArguments>(args);
  const scale = f32x4.splat(s.scale);
  const shift = f32x4.splat(s.shift);
  const p = s.power;
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    put(s.y + at, power4(f32x4.add(shift, f32x4.mul(scale, v128.load(s.x + at))), p), end - i);
  }
}

/** dx = dy·factor·(shift + scale·x)^power; dx and dy may be one buffer. */
export function powerBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<PowerBackwardArguments>(args);
  const scale = f32x4.splat(s.scale);
  const shift = f32x4.splat(s.shift);
  const factor = f32x4.splat(s.factor);
  const p = s.power;
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    const slope = f32x4.mul(factor, power4(f32x4.add(shift, f32x4.mul(scale, v128.load(s.x + at))), p));
    put(s.dx + at, f32x4.mul(v128.load(s.dy + at), slope), end - i);
  }
}
