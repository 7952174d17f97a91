import { randomAt } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { type ClippedRangeOptions, clippedRange } from './clipped-range.ts';
import { estimateGuarded } from './estimate.ts';
import { trim } from './trim.ts';

const seed = 5;
/** Roughly normal: sums of uniform numbers. */
const normal = Float32Array.from({ length: 20000 }, (_, i) => {
  let sum = -6;
  for (let k = 0; k < 12; k++) sum += randomAt(seed, k, 0, i) / 2 ** 32;
  return sum;
});
const withOutliers = Float32Array.from(normal, (v, i) => (i === 77 ? 60 : i === 99 ? -45 : v));

function squareError(values: Float32Array, options: ClippedRangeOptions): number {
  const { min, max } = clippedRange(values, options);
  const { bitwidth } = options;
  const q = estimateGuarded({ min, max, bitwidth, unsigned: min >= 0 });
  const copy = values.slice();
  trim(copy, { scale: q.scaleTarget, bitwidth, unsigned: q.unsignedQuant });
  return copy.reduce((sum, v, i) => sum + (v - values[i]!) ** 2, 0) / values.length;
}

describe(`ranges by calibration (seed ${seed})`, () => {
  it('minmax is the whole range', () => {
    expect(clippedRange(withOutliers, { method: 'minmax', bitwidth: 8 })).toMatchObject({ min: -45, max: 60 });
  });

  it('a percentile is where the sorted values say, to a bin', () => {
    const sorted = Array.from(normal).sort((a, b) => a - b);
    for (const percentile of [90, 99, 99.9]) {
      const { min, max } = clippedRange(normal, { method: 'percentile', percentile, bitwidth: 8 });
      const bin = (sorted.at(-1)! - sorted[0]!) / 2048;
      const at = Math.round(normal.length * (1 - percentile / 100));
      expect(min).toBeGreaterThan(sorted[at - 1]! - bin);
      expect(min).toBeLessThan(sorted[at]! + bin);
      expect(max).toBeGreaterThan(sorted[normal.length - at - 1]! - bin);
      expect(max).toBeLessThan(sorted[normal.length - at]! + bin);
    }
    expect(clippedRange(normal, { method: 'percentile', percentile: 100, bitwidth: 8 })).toMatchObject({
      ...{ min: sorted[0], max: sorted.at(-1) },
    });
  });

  it('percentile and KL leave outliers outside, so that steps are finer', () => {
    for (const method of ['percentile', 'kl'] as const) {
      const { min, max } = clippedRange(withOutliers, { method, percentile: 99.9, bitwidth: 8 });
      expect(max).toBeLessThan(20);
      expect(min).toBeGreaterThan(-20);
      // steps at least three times finer than those of the whole range
      expect(1 / estimateGuarded({ min, max, bitwidth: 8 }).scaleTarget).toBeLessThan(60 / 127 / 3);
    }
  });

  it('KL keeps the whole of a distribution that fills its range evenly', () => {
    const even = Float32Array.from({ length: 20480 }, (_, i) => i / 20480);
    const { min, max } = clippedRange(even, { method: 'kl', bitwidth: 8 });
    expect(min).toBe(0);
    expect(max).toBeGreaterThan(0.97);
  });

  it('KL at few bits clips a normal distribution, which lowers the error', () => {
    expect(squareError(normal, { method: 'kl', bitwidth: 4 })).toBeLessThan(
      squareError(normal, { method: 'minmax', bitwidth: 4 }),
    );
  });

  it('KL does not count the zeros that a ReLU makes', () => {
    const relu = normal.map((v) => Math.max(v, 0));
    const positive = relu.filter((v) => v > 0);
    for (const bitwidth of [4, 6, 8]) {
      const options: ClippedRangeOptions = { method: 'kl', bitwidth };
      expect(clippedRange(relu, options)).toEqual({ ...clippedRange(positive, options), min: 0 });
      // A few outliers more cost little; half the values clipped would cost much.
      const worst = { 4: 1.2, 6: 2, 8: 4 }[bitwidth]!;
      expect(squareError(relu, options)).toBeLessThan(worst * squareError(relu, { method: 'minmax', bitwidth }));
    }
  });

  it('values of one sign, of one value, none, NaN', () => {
    const positive = normal.map(Math.abs);
    for (const method of ['percentile', 'kl'] as const) {
      expect(clippedRange(positive, { method, bitwidth: 8 }).min).toBeGreaterThanOrEqual(0);
      expect(clippedRange([3, 3, 3], { method, bitwidth: 8 })).toEqual({ min: 3, max: 3, notFinite: 0 });
      expect(clippedRange([], { method, bitwidth: 8 })).toEqual({ min: 0, max: 0, notFinite: 0 });
      const holed = clippedRange([Number.NaN, 1, 2, Number.POSITIVE_INFINITY, 3], { method, bitwidth: 8 });
      expect(holed.notFinite).toBe(2);
      expect(holed.max).toBeLessThanOrEqual(3);
      expect(holed.min).toBeGreaterThanOrEqual(1);
    }
  });

  it.each([50, 0, 101, Number.NaN])('a percentile of %s is refused', (percentile) => {
    expect(() => clippedRange([1, 2], { method: 'percentile', percentile, bitwidth: 8 })).toThrow(
      `percentile is ${percentile}; use more than 50, up to 100`,
    );
  });
});
