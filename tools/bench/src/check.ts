/** @throws where the results differ by more than `tolerance` of the largest expected value: a bench times no wrong result. */
export function verify(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4): void {
  if (actual.length !== expected.length) throw new Error(`${what}: ${actual.length} values, not ${expected.length}`);
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
  }
  if (!(difference <= tolerance * Math.max(largest, 1e-30))) {
    throw new Error(`${what}: the result is wrong by ${(difference / largest).toExponential(1)} of its largest value`);
  }
}
