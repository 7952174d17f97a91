import type { WorstError } from './outcome.ts';

/**
 * Largest |actual − expected| relative to the largest finite |expected| (1 where that is 0). NaN equals NaN and an
 * infinity its like; a NaN or infinity that only one side has, and another number of values, give Infinity.
 * `floor`: the least scale, for arrays that are nothing but rounding noise of larger terms.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 0): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i]!;
    const a = actual[i]!;
    if (Number.isFinite(e)) largest = Math.max(largest, Math.abs(e));
    if (Object.is(a, e) || a === e) continue;
    const d = Math.abs(a - e);
    if (!Number.isFinite(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
  }
  const scale = Math.max(largest, floor);
  return difference / (scale === 0 ? 1 : scale);
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

  /** Something wrong that is no array: a shape, a name, an iteration that is absent. */
  addFault(what: string): void {
    this.worst = { error: Number.POSITIVE_INFINITY, array: what };
    this.wrong.push(this.worst);
  }
}
