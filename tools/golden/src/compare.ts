import type { WorstError } from './outcome.ts';

/** An array whose largest value is less than this share of its like is rounding noise: a sum that cancels to 0. */
const noise = 1e-5;

/**
 * Largest |actual − expected| relative to the largest finite |expected| (1 where that is 0). NaN equals NaN and an
 * infinity its like; a NaN or infinity that only one side has, and another number of values, give Infinity.
 *
 * `like`: the largest value among the arrays of its kind in the case (all gradients, say). An array of nothing but
 * rounding noise beside it is judged by that scale: such noise differs from one order of summation to the next.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, like = 0): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i]!;
    const a = actual[i]!;
    if (Object.is(a, e) || a === e) continue;
    const d = Math.abs(a - e);
    if (!Number.isFinite(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
  }
  const largest = largestOf(expected);
  const scale = largest < noise * like ? like : largest;
  return difference / (scale === 0 ? 1 : scale);
}

/** The largest finite absolute value; 0 for none. */
export function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i]!);
    if (Number.isFinite(value) && value > largest) largest = value;
  }
  return largest;
}

/** Collects the errors of a case's arrays, each judged by its own tolerance. */
export class Comparison {
  worst: WorstError | undefined;
  /** Arrays beyond their tolerance. */
  readonly wrong: WorstError[] = [];

  add(array: string, error: number, tolerance: number): void {
    if (this.worst === undefined || error > this.worst.error) this.worst = { error, array };
    if (!(error <= tolerance)) this.wrong.push({ error, array });
  }

  addAll({ worst, wrong }: Comparison): void {
    if (worst !== undefined && !(worst.error <= (this.worst?.error ?? -1))) this.worst = worst;
    this.wrong.push(...wrong);
  }

  /** Values that must be equal bit for bit; only NaN has but one form here. */
  addExact(array: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
    const isEqual =
      actual.length === expected.length && Array.from(actual).every((value, i) => Object.is(value, expected[i]));
    this.add(array, isEqual ? 0 : Math.max(relativeError(actual, expected), Number.MIN_VALUE), 0);
  }

  /** Something wrong that is no array: a shape, a name, an iteration that is absent. */
  addFault(what: string): void {
    this.worst = { error: Number.POSITIVE_INFINITY, array: what };
    this.wrong.push(this.worst);
  }
}
