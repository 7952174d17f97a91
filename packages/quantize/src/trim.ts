import { codeLimits } from './bitwidth.ts';

const { fround } = Math;

/**
 * 'gpu': round half to even, then clip (the original's GPU kernel, which all published numbers come from).
 * 'cpu': clip, then round half away from zero (its CPU code). They differ on ties only.
 */
export type Rounding = 'gpu' | 'cpu';

export interface TrimOptions {
  scale: number;
  offset?: number;
  bitwidth: number;
  /** Whether codes are 0 … 2^bits − 1 instead of −2^(bits−1) … 2^(bits−1) − 1; default false. */
  unsigned?: boolean;
  /** Whether codes are kept inside their limits; default true. */
  clip?: boolean;
  /** Default 'gpu'. */
  rounding?: Rounding;
  /** Stochastic rounding ⌊v + u⌋: gives u of value i, 0 ≤ u < 1. Without it, to the nearest. */
  random?: (i: number) => number;
}

/**
 * Rounds values to what a fixed-point code can say, in place: code = round(x·scale + offset), x = (code − offset)/scale,
 * in float32 and in the original's order (caffe-jacinto 0.17: Trim2FixedPoint). NaN stays NaN.
 */
export function trim(values: Float32Array, options: TrimOptions): void {
  const { bitwidth, unsigned = false, clip = true, rounding = 'gpu', random } = options;
  const scale = fround(options.scale);
  const offset = fround(options.offset ?? 0);
  const inverse = fround(1 / scale);
  const [low, high] = clip ? codeLimits(bitwidth, unsigned) : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (rounding === 'gpu' && random === undefined) {
    trimToEven(values, { scale, offset, inverse, low, high });
    return;
  }
  const nearest = rounding === 'cpu' ? roundHalfAway : roundHalfEven;
  for (let i = 0; i < values.length; i++) {
    let v = fround(fround(values[i]! * scale) + offset);
    if (rounding === 'cpu') v = clamp(v, low, high);
    v = random === undefined ? nearest(v) : Math.floor(v + random(i));
    if (rounding === 'gpu') v = clamp(v, low, high);
    values[i] = fround(v - offset) * inverse;
  }
}

interface Steps {
  scale: number;
  offset: number;
  inverse: number;
  low: number;
  high: number;
}

/** The usual way, in a loop of its own: it runs over every activation of a net. */
function trimToEven(values: Float32Array, { scale, offset, inverse, low, high }: Steps): void {
  for (let i = 0; i < values.length; i++) {
    let v = roundHalfEven(fround(fround(values[i]! * scale) + offset));
    if (v < low) v = low;
    else if (v > high) v = high;
    values[i] = fround(v - offset) * inverse;
  }
}

/** As std::max(std::min()): NaN stays, and so does −0 where `low` is 0. */
function clamp(v: number, low: number, high: number): number {
  if (v < low) return low;
  if (v > high) return high;
  return v;
}

/** From here on every float32 is whole. */
const whole = 2 ** 23;
const evenAbove = 2 ** 52;

/** C's rint: ties go to the even neighbour. */
export function roundHalfEven(v: number): number {
  if (!(Math.abs(v) < whole) || v === 0) return v;
  // beyond 2^52 doubles are whole, and adding rounds to even; −0 stays
  return v < 0 ? -(evenAbove - v - evenAbove) : v + evenAbove - evenAbove;
}

/** C's round: ties go away from zero. */
export function roundHalfAway(v: number): number {
  if (!(Math.abs(v) < whole)) return v;
  return v < 0 ? -Math.floor(0.5 - v) : Math.floor(v + 0.5);
}
