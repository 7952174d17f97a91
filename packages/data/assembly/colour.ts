// Y,Cb,Cr → B,G,R with libjpeg's factors times 2¹⁶ (jdcolor.c), exactly.

@inline
function plus(luma: v128, term: v128): v128 {
  return i16x8.add(luma, term);
}

/** (22554·cb + 46802·cr − 32768) >> 16, negated: what green has less than luma, rounded as libjpeg does. */
@inline
function greenTerm(cb: v128, cr: v128): v128 {
  // −46802 = 18734 − 65536
  const factors = i16x8(-22554, 18734, -22554, 18734, -22554, 18734, -22554, 18734);
  const half = i32x4.splat(32768);
  const low = v128.shuffle<i16>(cb, cr, 0, 8, 1, 9, 2, 10, 3, 11);
  const high = v128.shuffle<i16>(cb, cr, 4, 12, 5, 13, 6, 14, 7, 15);
  const sum0 = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, factors), half), 16);
  const sum1 = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, factors), half), 16);
  return i16x8.sub(i16x8.narrow_i32x4_s(sum0, sum1), cr);
}

/** 116130 = 2·65536 − 14942 */
@inline
function blueTerm(cb: v128): v128 {
  return i16x8.add(i16x8.q15mulr_sat_s(cb, i16x8.splat(-7471)), i16x8.add(cb, cb));
}

/** 91881 = 65536 + 26345; half of that rounded is exact for all 256 values. */
@inline
function redTerm(cr: v128): v128 {
  return i16x8.add(i16x8.q15mulr_sat_s(cr, i16x8.splat(RED)), cr);
}

const RED: i16 = 13173;

/** Pixels first ≤ x < end of a row into three rows of bytes, from their starts on; up to 15 more are written. */
export function convertRow(luma: usize, cb: usize, cr: usize, blue: usize, green: usize, red: usize, width: i32): void {
  const middle = i16x8.splat(128);
  for (let x = 0; x < width; x += 16) {
    const y = v128.load(luma + x);
    const u = v128.load(cb + x);
    const v = v128.load(cr + x);
    const y0 = i16x8.extend_low_i8x16_u(y);
    const y1 = i16x8.extend_high_i8x16_u(y);
    const u0 = i16x8.sub(i16x8.extend_low_i8x16_u(u), middle);
    const u1 = i16x8.sub(i16x8.extend_high_i8x16_u(u), middle);
    const v0 = i16x8.sub(i16x8.extend_low_i8x16_u(v), middle);
    const v1 = i16x8.sub(i16x8.extend_high_i8x16_u(v), middle);
    v128.store(blue + x, i8x16.narrow_i16x8_u(plus(y0, blueTerm(u0)), plus(y1, blueTerm(u1))));
    v128.store(green + x, i8x16.narrow_i16x8_u(plus(y0, greenTerm(u0, v0)), plus(y1, greenTerm(u1, v1))));
    v128.store(red + x, i8x16.narrow_i16x8_u(plus(y0, redTerm(v0)), plus(y1, redTerm(v1))));
  }
}
