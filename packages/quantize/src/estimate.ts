import { checkBitwidth } from './bitwidth.ts';

const { fround } = Math;

/** What a scale is estimated from. */
export interface EstimateOptions {
  /** Least and greatest value (float32). */
  min: number;
  max: number;
  /** 1 to 24. */
  bitwidth: number;
  /** Whether the scale is a power of two (times `scaleApplied`); default false. */
  power2?: boolean;
  /** Whether no value is negative; default false. */
  unsigned?: boolean;
  /** Whether the range is moved to begin at code 0; default false. */
  applyOffset?: boolean;
  /** The scale that the accumulator already has; default 1. */
  scaleApplied?: number;
}

/** Fields of QParams that follow from a range: code = round(value · scaleTarget + offset). */
export interface Estimate {
  bitwidth: number;
  fracbits: number;
  unsignedData: boolean;
  unsignedQuant: boolean;
  scaleTarget: number;
  shiftbits: number;
  offset: number;
  min: number;
  max: number;
}

/**
 * Scale and offset for a range, in float32 and in the original's order of operations (caffe-jacinto 0.17:
 * Net::EstiamteQScaleParams). With a = scaleApplied, A = max(|min|, |max|)·a, R = |max − min|·a:
 *
 * - power2: est = ⌈log2 R⌉ with offset, ⌈log2 A⌉ unsigned, ⌈log2 A⌉ + 1 signed (⌈log2 0⌉ counts 0);
 *   shiftbits = est − bitwidth, scaleTarget = 2^−shiftbits · a (exact, where the original's int shift overflows).
 * - else scaleTarget = (2^bits − 1)/R · a with offset, (2^bits − 1)/A · a unsigned, (2^(bits−1) − 1)/A · a signed.
 *
 * offset = −min·scaleTarget with offset, else 0; it is not rounded. An empty range gives infinities and NaN, as in the
 * original; `estimateGuarded` does not.
 * @throws CaffeError 'bad-value' for a bitwidth outside 1 to 24.
 */
export function estimate(options: EstimateOptions): Estimate {
  const { min, max, bitwidth, power2 = false, unsigned = false, applyOffset = false, scaleApplied = 1 } = options;
  checkBitwidth('bitwidth', bitwidth);
  const a = fround(scaleApplied);
  const size = fround(Math.max(Math.abs(fround(max)), Math.abs(fround(min))) * a);
  const length = fround(Math.abs(fround(fround(max) - fround(min))) * a);
  let shiftbits = 0;
  let relative: number;
  if (power2) {
    const bits = applyOffset ? ceilLog2(length) : unsigned ? ceilLog2(size) : ceilLog2(size) + 1;
    shiftbits = bits - bitwidth;
    relative = 2 ** -shiftbits;
  } else {
    const codes = applyOffset || unsigned ? 2 ** bitwidth - 1 : 2 ** (bitwidth - 1) - 1;
    relative = fround(codes / (applyOffset ? length : size));
  }
  const scaleTarget = fround(relative * a);
  return {
    bitwidth,
    fracbits: 0,
    unsignedData: unsigned,
    unsignedQuant: unsigned || applyOffset,
    scaleTarget,
    shiftbits,
    offset: applyOffset ? fround(0 - fround(fround(min) * scaleTarget)) : 0,
    min: fround(min),
    max: fround(max),
  };
}

/**
 * As `estimate`, but the result is always finite and every value of the range keeps its meaning: with offset, a range
 * of one value is widened to zero, so that the value maps to the first or last code; where all values are 0, the scale
 * is 1 and the offset 0; one signed bit gets the codes −1 and 0 with −1 for −A.
 */
export function estimateGuarded(options: EstimateOptions): Estimate {
  const plain = estimate(options);
  if (isUsable(plain)) return plain;
  const { min, max } = plain;
  const widened = estimate({ ...options, min: Math.min(min, 0), max: Math.max(max, 0) });
  if (isUsable(widened)) return { ...widened, min, max };
  const size = Math.max(Math.abs(min), Math.abs(max));
  const scaleTarget = fround(1 / size);
  return { ...plain, scaleTarget: scaleTarget > 0 && Number.isFinite(scaleTarget) ? scaleTarget : 1, offset: 0 };
}

/** Whether values can be scaled there and back: a finite scale other than 0, with a finite inverse and offset. */
export function isUsable({ scaleTarget, offset }: { scaleTarget: number; offset: number }): boolean {
  return (
    scaleTarget > 0 &&
    Number.isFinite(scaleTarget) &&
    Number.isFinite(fround(1 / scaleTarget)) &&
    Number.isFinite(offset)
  );
}

/** ⌈log2 v⌉ of a float32 v ≥ 0, exactly; 0 for 0. */
function ceilLog2(v: number): number {
  if (v === 0 || !Number.isFinite(v)) return 0;
  let exponent = Math.floor(Math.log2(v));
  while (2 ** exponent < v) exponent++;
  while (2 ** (exponent - 1) >= v) exponent--;
  return exponent;
}
