import { madd } from './math';

// The one-dimensional transforms of F(4,3) at the points 0, ±√½, ±√2, ∞ (Lavin and Gray 2016; these points have a third
// of the rounding error of the usual 0, ±1, ±2, ∞). Each works on four independent lanes.

const SQRT2: f32 = 1.4142135;
const HALF_SQRT2: f32 = 0.70710677;

/** Bᵀ·d: six values of the input. Results lie `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function inputTransform(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
  const back = f32x4.splat(-2.5);
  v128.store(to, madd(back, d2, f32x4.add(d0, d4)));
  v128.store(to + 5 * step, madd(back, d3, f32x4.add(d1, d5)));
  const u = madd(f32x4.splat(-2), d2, d4);
  const v = madd(f32x4.splat(HALF_SQRT2), d3, f32x4.mul(f32x4.splat(-SQRT2), d1));
  v128.store(to + step, f32x4.add(u, v));
  v128.store(to + 2 * step, f32x4.sub(u, v));
  const s = madd(f32x4.splat(-0.5), d2, d4);
  const t = madd(f32x4.splat(SQRT2), d3, f32x4.mul(f32x4.splat(-HALF_SQRT2), d1));
  v128.store(to + 3 * step, f32x4.add(s, t));
  v128.store(to + 4 * step, f32x4.sub(s, t));
}

/** G·g: three values of the kernel. */
// @ts-ignore: decorator
@inline
export function kernelTransform(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  v128.store(to, g0);
  v128.store(to + 5 * step, g2);
  const u = madd(f32x4.splat(-0.6666667), g0, f32x4.mul(f32x4.splat(-0.33333334), g2));
  const v = f32x4.mul(f32x4.splat(0.47140452), g1);
  v128.store(to + step, f32x4.sub(u, v));
  v128.store(to + 2 * step, f32x4.add(u, v));
  const s = madd(f32x4.splat(0.16666667), g0, f32x4.mul(f32x4.splat(0.33333334), g2));
  const t = f32x4.mul(f32x4.splat(0.23570226), g1);
  v128.store(to + 3 * step, f32x4.add(s, t));
  v128.store(to + 4 * step, f32x4.sub(s, t));
}

/** A·y: four values of the result's gradient. */
// @ts-ignore: decorator
@inline
export function resultTransform(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  v128.store(to, y0);
  v128.store(to + 5 * step, y3);
  const u = madd(f32x4.splat(0.5), y2, y0);
  const v = madd(f32x4.splat(0.35355338), y3, f32x4.mul(f32x4.splat(HALF_SQRT2), y1));
  v128.store(to + step, f32x4.add(u, v));
  v128.store(to + 2 * step, f32x4.sub(u, v));
  const s = f32x4.add(y0, f32x4.add(y2, y2));
  const t = madd(f32x4.splat(2.828427), y3, f32x4.mul(f32x4.splat(SQRT2), y1));
  v128.store(to + 3 * step, f32x4.add(s, t));
  v128.store(to + 4 * step, f32x4.sub(s, t));
}

/** Aᵀ·m from six values that lie `step` apart: the four results, `toStep` apart. */
// @ts-ignore: decorator
@inline
export function outputTransform(from: usize, step: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step), m4 = v128.load(from + 4 * step);
  const s = f32x4.add(m1, m2), t = f32x4.add(m3, m4);
  const d = f32x4.sub(m1, m2), e = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(v128.load(from), f32x4.add(s, t)));
  v128.store(to + toStep, madd(f32x4.splat(HALF_SQRT2), d, f32x4.mul(f32x4.splat(SQRT2), e)));
  v128.store(to + 2 * toStep, madd(f32x4.splat(0.5), s, f32x4.add(t, t)));
  const last = madd(f32x4.splat(2.828427), e, v128.load(from + 5 * step));
  v128.store(to + 3 * toStep, madd(f32x4.splat(0.35355338), d, last));
}

/** Gᵀ·m: six values of the kernel's gradient. */
// @ts-ignore: decorator
@inline
export function gradientTransform(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
  const s = f32x4.add(m1, m2), t = f32x4.add(m3, m4), d = f32x4.sub(m2, m1), e = f32x4.sub(m3, m4);
  v128.store(to, madd(f32x4.splat(-0.6666667), s, madd(f32x4.splat(0.16666667), t, m0)));
  v128.store(to + step, madd(f32x4.splat(0.47140452), d, f32x4.mul(f32x4.splat(0.23570226), e)));
  v128.store(to + 2 * step, madd(f32x4.splat(0.33333334), f32x4.sub(t, s), m5));
}
