// From sums to codes: code = clip((m₀·sum + m₁·other + add) >> shift), rounded to nearest, all of it exact.

@unmanaged
export class Requantization {
  /** f64 words: m₀, m₁, add, m₀, m₁ and add below zero, zero (in units of 2^−shift), 2^−shift; `width` of each. */
  table: usize;
  /** i64 words: the same, with the shift last. */
  wholeTable: usize;
  width: i32;
  /** 1: doubles were proven to give the exact result, and ties go to even. */
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

// @ts-ignore: decorator
@inline
function code2(
  sums: v128, others: v128, t: usize, step: usize, withOther: bool, bent: i32, low: v128, high: v128,
): v128 {
  let v = f64x2.add(f64x2.mul(sums, v128.load(t)), v128.load(t + 2 * step));
  if (withOther) v = f64x2.add(v, f64x2.mul(others, v128.load(t + step)));
  if (bent) {
    const b = t + 3 * step;
    let below = f64x2.add(f64x2.mul(sums, v128.load(b)), v128.load(b + 2 * step));
    if (withOther) below = f64x2.add(below, f64x2.mul(others, v128.load(b + step)));
    v = v128.bitselect(below, v, f64x2.lt(v, v128.load(t + 6 * step)));
  }
  v = f64x2.mul(v, v128.load(t + 7 * step));
  return f64x2.add(f64x2.pmin(f64x2.pmax(v, low), high), f64x2.splat(ROUNDER));
}

// @ts-ignore: decorator
@inline
function inDoubles(
  p: Requantization, sums: usize, others: usize, otherStep: usize, withOther: bool, y: usize, first: i32, count: i32,
): void {
  const step = <usize>p.width << 3, bent = p.bent;
  const low = f64x2.splat(<f64>p.low), high = f64x2.splat(<f64>p.high);
  let t = p.table + (<usize>first << 3);
  const zero = i32x4.splat(0);
  let other = zero;
  if (withOther && !otherStep) other = v128.load_splat<u32>(others);
  for (let c = 0; c < count; c += 4) {
    const sum = v128.load(sums);
    if (withOther && otherStep) other = v128.load(others);
    const sum1 = v128.shuffle<i64>(sum, sum, 1, 1), other1 = v128.shuffle<i64>(other, other, 1, 1);
    const a = code2(f64x2.convert_low_i32x4_s(sum), f64x2.convert_low_i32x4_s(other), t, step, withOther, bent, low, high);
    const b = code2(f64x2.convert_low_i32x4_s(sum1), f64x2.convert_low_i32x4_s(other1), t + 16, step, withOther, bent, low, high);
    const codes = i16x8.narrow_i32x4_s(v128.shuffle<i32>(a, b, 0, 2, 4, 6), zero);
    if (c + 4 <= count) v128.store64_lane(y, codes, 0);
    else {
      v128.store16_lane(y, codes, 0);
      if (c + 1 < count) v128.store16_lane(y, codes, 1, 2);
      if (c + 2 < count) v128.store16_lane(y, codes, 2, 4);
    }
    sums += 16;
    if (otherStep) others += 16;
    t += 32;
    y += 8;
  }
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
  for (let i = 0; i < pixels; i++) {
    if (!p.inDoubles) inWholeNumbers(p, sums, others, otherStep, y, first, count);
    else if (others) inDoubles(p, sums, others, otherStep, true, y, first, count);
    else inDoubles(p, sums, 0, 0, false, y, first, count);
    sums += sumStep;
    if (others) others += sumStep;
    y += yStep;
  }
}
