import { expect, it } from 'vitest';
import { averageRange, rangeOf } from './range.ts';

it.each<[string, number[], { min: number; max: number; notFinite: number }]>([
  ['values', [3, -1, 2], { min: -1, max: 3, notFinite: 0 }],
  ['positive values', [3, 2], { min: 2, max: 3, notFinite: 0 }],
  ['nothing', [], { min: 0, max: 0, notFinite: 0 }],
  ['NaN and infinity', [Number.NaN, 2, Number.NEGATIVE_INFINITY, 1], { min: 1, max: 2, notFinite: 2 }],
  ['NaN only', [Number.NaN], { min: 0, max: 0, notFinite: 1 }],
])('range of %s', (_name, values, wanted) => {
  expect(rangeOf(Float32Array.from(values))).toEqual(wanted);
});

it('the first pass replaces, later ones average, the expansion multiplies', () => {
  const seen = { min: 1, max: 4 };
  expect(averageRange({ min: -7, max: 7 }, seen, 1, 1.25)).toEqual({ min: 1.25, max: 5 });
  expect(averageRange({ min: -8, max: 8 }, seen, 0.25, 2)).toEqual({ min: -5.5, max: 8 });
  expect(averageRange({ min: -8, max: 8 }, seen, 0, 2)).toEqual({ min: -8, max: 8 });
});

it('averages in float32, step by step', () => {
  const { fround } = Math;
  const beta = fround(0.01);
  const wanted = fround(fround(3 * fround(1 - beta)) + fround(fround(fround(0.7) * fround(1.1)) * beta));
  expect(averageRange({ min: 0, max: 3 }, { min: 0, max: fround(0.7) }, 0.01, 1.1).max).toBe(wanted);
});
