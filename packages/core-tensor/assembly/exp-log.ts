// Exponential, logarithm and their kin on four lanes, within about 2 units in the last place (polynomials of Cephes,
// Moshier 1992). Infinite and NaN inputs give what the mathematics says.
import { above, below, choose } from './vector';

/** v·2ⁿ for whole n in lanes of i32, −150 ≤ n ≤ 128: two factors, since 2¹²⁸ and 2⁻¹⁵⁰ are no numbers of f32. */
// @ts-ignore: decorator
@inline
function timesPowerOfTwo(v: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  const bias = i32x4.splat(127);
  const a = i32x4.shl(i32x4.add(half, bias), 23);
  const b = i32x4.shl(i32x4.add(i32x4.sub(n, half), bias), 23);
  return f32x4.mul(f32x4.mul(v, a), b);
}

/** n = round(x / ln 2) of an x already limited. */
// @ts-ignore: decorator
@inline
function exponent(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
}

/** exp(r) − 1 for r = x − n·ln 2, |r| ≤ 0.35. */
// @ts-ignore: decorator
@inline
function reducedExpm1(x: v128, n: v128): v128 {
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  return f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r);
}

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const limited = above(below(x, f32x4.splat(89)), f32x4.splat(-104));
  const n = exponent(limited);
  const e = f32x4.add(reducedExpm1(limited, n), f32x4.splat(1));
  return timesPowerOfTwo(e, i32x4.trunc_sat_f32x4_s(n));
}

/** exp(x) − 1 without cancellation near 0; x ≤ 88. */
// @ts-ignore: decorator
@inline
export function expm14(x: v128): v128 {
  const limited = above(below(x, f32x4.splat(88)), f32x4.splat(-104));
  const n = exponent(limited);
  const scale = timesPowerOfTwo(f32x4.splat(1), i32x4.trunc_sat_f32x4_s(n));
  return f32x4.add(f32x4.mul(scale, reducedExpm1(limited, n)), f32x4.sub(scale, f32x4.splat(1)));
}

/** log x; −∞ for 0, NaN below it. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const one = f32x4.splat(1);
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const bits = choose(subnormal, f32x4.mul(x, f32x4.splat(8388608)), x);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(bits, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(subnormal, f32x4.splat(23)));
  let m = v128.or(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000)); // 0.5 ≤ m < 1
  const low = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(low, one));
  m = f32x4.sub(f32x4.add(m, v128.and(low, m)), one);
  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = f32x4.sub(y, f32x4.mul(e, f32x4.splat(2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(f32x4.splat(0.5), z));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(e, f32x4.splat(0.693359375)));
  const infinite = f32x4.splat(Infinity);
  y = choose(f32x4.eq(x, f32x4.splat(0)), f32x4.splat(-Infinity), y);
  y = choose(f32x4.eq(x, infinite), infinite, y);
  return v128.or(y, v128.not(f32x4.ge(x, f32x4.splat(0)))); // all ones: NaN
}

/** log(1 + x) for x ≥ 0, without losing small x. */
// @ts-ignore: decorator
@inline
export function log1p4(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(x, one);
  const rounded = f32x4.sub(u, one);
  return choose(f32x4.eq(rounded, f32x4.splat(0)), x, f32x4.mul(log4(u), f32x4.div(x, rounded)));
}

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = f32x4.splat(1);
  const a = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(p, z), x));
  const e = exp4(f32x4.add(a, a));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  const sign = v128.and(x, f32x4.splat(-0.0));
  return choose(f32x4.lt(a, f32x4.splat(0.625)), near, v128.or(far, sign));
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** aᵖ of two positive finite lanes of f64, to about 1e-9: the exponent magnifies errors of the logarithm. */
// @ts-ignore: decorator
@inline
function pow2(a: v128, p: f64): v128 {
  const one = f64x2.splat(1);
  let n = i64x2.sub(i64x2.shr_u(a, 52), i64x2.splat(1023));
  let m = v128.or(v128.and(a, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3ff0000000000000)); // 1 ≤ m < 2
  const high = f64x2.gt(m, f64x2.splat(1.4142135623730951));
  m = v128.bitselect(f64x2.mul(m, f64x2.splat(0.5)), m, high);
  n = i64x2.sub(n, high); // the condition is −1
  const e = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(n, n, 0, 2, 0, 2));
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one)); // log m = 2·artanh s, |s| ≤ 0.172
  const z = f64x2.mul(s, s);
  let q = f64x2.splat(2.0 / 13);
  q = f64x2.add(f64x2.mul(q, z), f64x2.splat(2.0 / 11));
  q = f64x2.add(f64x2.mul(q, z), f64x2.splat(2.0 / 9));
  q = f64x2.add(f64x2.mul(q, z), f64x2.splat(2.0 / 7));
  q = f64x2.add(f64x2.mul(q, z), f64x2.splat(2.0 / 5));
  q = f64x2.add(f64x2.mul(q, z), f64x2.splat(2.0 / 3));
  q = f64x2.add(f64x2.mul(q, z), f64x2.splat(2.0));
  const log = f64x2.add(f64x2.mul(q, s), f64x2.mul(e, f64x2.splat(0.6931471805599453)));
  let t = f64x2.mul(log, f64x2.splat(p));
  t = f64x2.pmax(f64x2.pmin(t, f64x2.splat(90)), f64x2.splat(-110)); // beyond, f32 is infinite or 0
  const k = f64x2.nearest(f64x2.mul(t, f64x2.splat(1.4426950408889634)));
  const r = f64x2.sub(t, f64x2.mul(k, f64x2.splat(0.6931471805599453)));
  let x = f64x2.splat(1.0 / 40320);
  x = f64x2.add(f64x2.mul(x, r), f64x2.splat(1.0 / 5040));
  x = f64x2.add(f64x2.mul(x, r), f64x2.splat(1.0 / 720));
  x = f64x2.add(f64x2.mul(x, r), f64x2.splat(1.0 / 120));
  x = f64x2.add(f64x2.mul(x, r), f64x2.splat(1.0 / 24));
  x = f64x2.add(f64x2.mul(x, r), f64x2.splat(1.0 / 6));
  x = f64x2.add(f64x2.mul(x, r), f64x2.splat(0.5));
  x = f64x2.add(f64x2.mul(x, r), one);
  x = f64x2.add(f64x2.mul(x, r), one);
  const wide = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  return f64x2.mul(x, i64x2.shl(i64x2.add(wide, i64x2.splat(1023)), 52));
}

/** xᵖ as C's pow, p ≠ 0 and finite; exact to about one unit in the last place. */
export function pow4(x: v128, p: f32): v128 {
  const a = f32x4.abs(x);
  const low = f32x4.demote_f64x2_zero(pow2(f64x2.promote_low_f32x4(a), p));
  const upper = v128.shuffle<i32>(a, a, 2, 3, 2, 3);
  const high = f32x4.demote_f64x2_zero(pow2(f64x2.promote_low_f32x4(upper), p));
  let y = v128.shuffle<i32>(low, high, 0, 1, 4, 5);
  const atInfinity = f32x4.eq(a, f32x4.splat(Infinity));
  y = choose(f32x4.eq(a, f32x4.splat(0)), f32x4.splat(p > 0 ? 0 : Infinity), y);
  y = choose(atInfinity, f32x4.splat(p > 0 ? Infinity : 0), y);
  const negative = f32x4.lt(x, f32x4.splat(0));
  if (p != nearest(p)) y = v128.or(y, v128.andnot(negative, atInfinity)); // all ones: NaN
  else if (nearest(p * 0.5) != p * 0.5) y = v128.or(y, v128.and(x, f32x4.splat(-0.0)));
  return choose(f32x4.ne(x, x), x, y);
}
