import type { HostArray } from '../data-type.ts';

type Numbers = HostArray | readonly number[];

/** 'exact': the same values (NaN equals NaN, 0 equals −0); a number: allowed error relative to the largest value. */
export type Bound = 'exact' | number;

export interface Difference {
  /** |actual − expected| divided by the largest finite |expected| (by 1 where all are 0); infinite where NaN or ∞ differ. */
  error: number;
  index: number;
}

/** The worst difference of two arrays, relative to the largest value of the expected array. */
export function worstDifference(actual: Numbers, expected: Numbers): Difference {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values where ${expected.length} are expected`);
  let largest = 0;
  for (const value of expected) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  const worst: Difference = { error: 0, index: -1 };
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const distance = Math.abs(a - e) / (largest === 0 ? 1 : largest);
    const error = Number.isFinite(distance) ? distance : Number.POSITIVE_INFINITY;
    if (error > worst.error) Object.assign(worst, { error, index: i });
  }
  return worst;
}

/** @throws Error naming the worst value where the arrays differ by more than the bound. */
export function closeTo(actual: Numbers, expected: Numbers, bound: Bound, label = 'values'): void {
  const { error, index } = worstDifference(actual, expected);
  const allowed = bound === 'exact' ? 0 : bound;
  if (error <= allowed) return;
  const allowance = bound === 'exact' ? 'they must be equal' : `allowed ${allowed.toExponential(1)}`;
  throw new Error(
    `${label}[${index}] is ${actual[index]}, expected ${expected[index]} ` +
      `(relative error ${error.toExponential(2)}, ${allowance}; ${expected.length} values)`,
  );
}

/** @throws Error where any bit differs, the sign of 0 and the bits of NaN included. */
export function bitEqual(actual: HostArray, expected: HostArray, label = 'values'): void {
  const bytes = (array: HostArray): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const [a, e] = [bytes(actual), bytes(expected)];
  if (a.length !== e.length) throw new Error(`${label}: ${a.length} bytes where ${e.length} are expected`);
  const differing = a.findIndex((byte, i) => byte !== e[i]);
  if (differing < 0) return;
  const index = Math.floor(differing / actual.BYTES_PER_ELEMENT);
  throw new Error(`${label}[${index}] is ${actual[index]} in one run and ${expected[index]} in the other`);
}
