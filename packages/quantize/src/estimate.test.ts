import { RandomStream } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { type EstimateOptions, estimate, estimateGuarded, isUsable } from './estimate.ts';

// [min, max, bits, options, scale, shiftbits, offset], worked out by hand
const rows: [number, number, number, Partial<EstimateOptions>, number, number, number][] = [
  [-2, 4, 8, {}, 127 / 4, 0, 0],
  [-8, 4, 8, {}, 127 / 8, 0, 0],
  [0, 4, 8, { unsigned: true }, 255 / 4, 0, 0],
  [-1, 3, 8, { applyOffset: true }, 255 / 4, 0, 255 / 4],
  [1, 3, 4, { applyOffset: true, unsigned: true }, 15 / 2, 0, -7.5],
  [-4, 4, 1, { applyOffset: true }, 1 / 8, 0, 0.5],
  [-4, 4, 2, {}, 1 / 4, 0, 0],
  [0, 1, 16, { unsigned: true }, 65535, 0, 0],
  [-2, 4, 8, { power2: true }, 32, -5, 0],
  [-2, 4.5, 8, { power2: true }, 16, -4, 0],
  [0, 4, 8, { power2: true, unsigned: true }, 64, -6, 0],
  [0, 0.5, 8, { power2: true, unsigned: true }, 512, -9, 0],
  [-1, 3, 8, { power2: true, applyOffset: true }, 64, -6, 64],
  [0, 1000, 4, { power2: true, unsigned: true }, 1 / 64, 6, 0],
  [-2, 4, 8, { scaleApplied: 8 }, 127 / 4, 0, 0],
  [-2, 4, 8, { scaleApplied: 3, power2: true }, 24, -3, 0], // ⌈log2 12⌉ + 1 − 8 = −3: 3 · 2^3
];

it.each(rows)('%d to %d, %d bits, %o', (min, max, bitwidth, options, scale, shiftbits, offset) => {
  const found = estimate({ min, max, bitwidth, ...options });
  expect(found.scaleTarget).toBe(Math.fround(scale));
  expect(found.shiftbits).toBe(shiftbits);
  expect(found.offset).toBe(Math.fround(offset));
  const { unsigned = false, applyOffset = false } = options;
  expect([found.unsignedData, found.unsignedQuant]).toEqual([unsigned, unsigned || applyOffset]);
  expect([found.min, found.max, found.bitwidth, found.fracbits]).toEqual([min, max, bitwidth, 0]);
});

it.each([0, -1, 25, 2.5, Number.NaN])('refuses %d bits', (bitwidth) => {
  expect(() => estimate({ min: 0, max: 1, bitwidth })).toThrow(
    `bitwidth is ${bitwidth}; use 1 to 16 (up to 24 for a bias)`,
  );
});

it('is exact beyond 2^30, where the original overflows', () => {
  const { scaleTarget, shiftbits } = estimate({ min: -1e-20, max: 1e-20, bitwidth: 8, power2: true });
  expect([scaleTarget, shiftbits]).toEqual([2 ** 73, -73]);
});

describe('guarded', () => {
  it('is the plain one where that can be used', () => {
    const options = { min: -1, max: 3, bitwidth: 8, applyOffset: true };
    expect(estimateGuarded(options)).toEqual(estimate(options));
  });

  it('gives zeros scale 1', () => {
    for (const applyOffset of [false, true]) {
      const { scaleTarget, offset } = estimateGuarded({ min: 0, max: 0, bitwidth: 16, applyOffset, unsigned: true });
      expect([scaleTarget, offset]).toEqual([1, 0]);
    }
  });

  it.each([
    [2, 255 / 2, 0],
    [-2, 255 / 2, 255],
  ])('maps a blob of %d only to a code at the end', (value, scale, offset) => {
    const options = { min: value, max: value, bitwidth: 8, applyOffset: true, unsigned: value >= 0 };
    expect(isUsable(estimate(options))).toBe(false);
    expect(estimateGuarded(options)).toMatchObject({ scaleTarget: scale, offset, min: value, max: value });
  });

  it('gives one signed bit the codes −1 and 0', () => {
    expect(estimate({ min: -4, max: 2, bitwidth: 1 }).scaleTarget).toBe(0);
    expect(estimateGuarded({ min: -4, max: 2, bitwidth: 1 }).scaleTarget).toBe(0.25);
  });

  it('is finite for any range, bitwidth and option (seed 7)', () => {
    const random = new RandomStream(7);
    for (let i = 0; i < 5000; i++) {
      const size = 2 ** random.uniform(-140, 120);
      const ends = [random.integer(4) === 0 ? 0 : random.uniform(-size, size), random.uniform(-size, size)];
      const min = Math.fround(Math.min(...ends));
      const options = {
        ...{ min, max: Math.fround(Math.max(...ends)), bitwidth: 1 + random.integer(16), unsigned: min >= 0 },
        ...{ power2: random.bernoulli(0.5), applyOffset: random.bernoulli(0.5) },
      };
      const found = estimateGuarded(options);
      expect(isUsable(found), JSON.stringify({ options, found })).toBe(true);
    }
  });
});
