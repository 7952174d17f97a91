// From sums to codes: code = clip((m₀·sum + m₁·other + add) >> shift), rounded to nearest, all of it exact.

@unmanaged
export class Requantization {
  /** f64 words: m₀, m₁, add, m₀, m₁ and add below zero, zero, all times 2^−shift (which is exact); `width` of each. */
  table: usize;
  /** i64 words: the same as they are, and the shift. */
  wholeTable: usize;
  width: i32;
  /** 1: doubles were proven to give the exact result, within 32 bits before it is clipped, and ties go to even. */
  inDoubles: i32;
  /** 1: sums below zero have multipliers of their own. */
  bent: i32;
  /** 1: ties go to even; 0: away from zero. */
  halfEven: i32;
  low: i32;
  high: i32;
}

/** Adding it leaves a whole number, rounded to even, in the low word of a double. */
const ROUNDER: f64 = 6755399441055744;

/** Two codes, in the low words of doubles. */
// @ts-ignore: decorator
@inline
function code2(sums: v128, others: v128, t: usize, step: usize, withOther: bool, bent: bool): v128 {
  let v = f64x2.add(f64x2.mul(sums, v128.load(t)), v128.load(t + 2 * step));
  if (withOther) v = f64x2.add(v, f64x2.mul(others, v128.load(t + step)));
  if (bent) {
    const b = t + 3 * step;
    let below = f64x2.add(f64x2.mul(sums, v128.load(b)), v128.load(b + 2 * step));
    if (withOther) below = f64x2.add(below, f64x2.mul(others, v128.load(b + step)));
    v = v128.bitselect(below, v, f64x2.lt(v, v128.load(t + 6 * step)));
  }
  return f64x2.add(v, f64x2.splat(ROUNDER));
}

/** Four codes of 32 bits. */
// @ts-ignore: decorator
@inline
function code4(sums: v128, others: v128, t: usize, step: usize, withOther: bool, bent: bool): v128 {
  const sums1 = v128.shuffle<i64>(sums, sums, 1, 1), others1 = v128.shuffle<i64>(others, others, 1, 1);
  const a = code2(f64x2.convert_low_i32x4_s(sums), f64x2.convert_low_i32x4_s(others), t, step, withOther, bent);
  const b = code2(f64x2.convert_low_i32x4_s(sums1), f64x2.convert_low_i32x4_s(others1), t + 16, step, withOther, bent);
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function inDoubles(
  p: Requantization, sums: usize, others: usize, otherStep: usize, sumStep: usize,
  y: usize, yStep: usize, pixels: i32, first: i32, count: i32, withOther: bool, bent: bool,
): void {
  const step = <usize>p.width << 3;
  const low = i16x8.splat(<i16>p.low), high = i16x8.splat(<i16>p.high);
  const table = p.table + (<usize>first << 3);
  for (let i = 0; i < pixels; i++) {
    let other0 = i32x4.splat(0), other1 = other0;
    if (withOther && !otherStep) other0 = other1 = v128.load_splat<u32>(others);
    let t = table, to = y;
    for (let c = 0; c < count; c += 8) {
      const at = <usize>c << 2;
      if (withOther && otherStep) {
        other0 = v128.load(others + at);
        other1 = v128.load(others + at, 16);
      }
      const a = code4(v128.load(sums + at), other0, t, step, withOther, bent);
      const b = code4(v128.load(sums + at, 16), other1, t + 32, step, withOther, bent);
      const codes = i16x8.min_s(i16x8.max_s(i16x8.narrow_i32x4_s(a, b), low), high);
      if (c + 8 <= count) v128.store(to, codes);
      else storeSome(to, codes, count - c);
      t += 64;
      to += 16;
    }
    sums += sumStep;
    if (withOther) others += sumStep;
    y += yStep;
  }
}

/** The first `count` (less than eight) of eight words. */
// @ts-ignore: decorator
@inline
function storeSome(y: usize, codes: v128, count: i32): void {
  let rest = codes;
  if (count & 4) {
    v128.store64_lane(y, rest, 0);
    rest = v128.shuffle<i64>(rest, rest, 1, 1);
    y += 8;
  }
  if (count & 2) {
    v128.store32_lane(y, rest, 0);
    rest = v128.shuffle<i32>(rest, rest, 1, 1, 1, 1);
    y += 4;
  }
  if (count & 1) v128.store16_lane(y, rest, 0);
}

function inWholeNumbers(
  p: Requantization, sums: usize, others: usize, otherStep: usize, y: usize, first: i32, count: i32,
): void {
  const step = <usize>p.width << 3, bent = p.bent, low = <i64>p.low, high = <i64>p.high, halfEven = p.halfEven;
  let t = p.wholeTable + (<usize>first << 3);
  for (let c = 0; c < count; c++) {
    const sum = <i64>load<i32>(sums);
    const other: i64 = others ? <i64>load<i32>(others) : 0;
    let total = sum * load<i64>(t) + other * load<i64>(t + step) + load<i64>(t + 2 * step);
    if (bent && total < load<i64>(t + 6 * step)) {
      total = sum * load<i64>(t + 3 * step) + other * load<i64>(t + 4 * step) + load<i64>(t + 5 * step);
    }
    const shift = load<i64>(t + 7 * step);
    const half = (<i64>1) << (shift - 1);
    const carry: i64 = halfEven ? ((total >> shift) & 1) - 1 : total >> 63;
    store<i16>(y, <i16>max(low, min(high, (total + half + carry) >> shift)));
    sums += 4;
    others += otherStep;
    t += 8;
    y += 2;
  }
}

/**
 * `count` channels from `first` of each of `pixels`: i32 sums lie `sumStep` bytes apart from pixel to pixel; `others`
 * (0: none) too, one value a channel (`otherStep` 4) or one for all (0). Codes go to y, `yStep` bytes from pixel to pixel.
 */
export function requantize(
  p: Requantization, sums: usize, others: usize, otherStep: usize, sumStep: usize,
  y: usize, yStep: usize, pixels: i32, first: i32, count: i32,
): void {
  if (p.inDoubles) {
    if (others) {
      if (p.bent) inDoubles(p, sums, others, otherStep, sumStep, y, yStep, pixels, first, count, true, true);
      else inDoubles(p, sums, others, otherStep, sumStep, y, yStep, pixels, first, count, true, false);
    } else if (p.bent) inDoubles(p, sums, 0, 0, sumStep, y, yStep, pixels, first, count, false, true);
    else inDoubles(p, sums, 0, 0, sumStep, y, yStep, pixels, first, count, false, false);
    return;
  }
  for (let i = 0; i < pixels; i++) {
    inWholeNumbers(p, sums, others, otherStep, y, first, count);
    sums += sumStep;
    if (others) others += sumStep;
    y += yStep;
  }
}
