import { describe, expect, test } from 'vitest';
import { ReductionLayer } from './reduction.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Reduction', () => {
  const each = { bottoms: [[2, 2]], values: values([1, -2, 3, 4]) };

  test.each([
    ['', [6]],
    ['axis: 1', [-1, 7]],
    ['axis: 1 operation: ASUM', [3, 7]],
    ['axis: 1 operation: SUMSQ coeff: 2', [10, 50]],
    ['axis: -1 operation: MEAN', [-0.5, 3.5]],
    ['operation: MEAN coeff: 4', [6]],
  ])('%s', async (param, expected) => {
    expect(await topOf(ReductionLayer, { ...each, param })).toEqual(expected);
  });

  test('refuses the mean of nothing, and an axis out of range', async () => {
    expect(await errorOf(ReductionLayer, { param: 'operation: MEAN axis: 1', bottoms: [[2, 0]] })).toBe(
      'layer "test" (Reduction): bottom[0] is 2 0 (0): the mean of nothing',
    );
    expect(await errorOf(ReductionLayer, { param: 'axis: 2', bottoms: [[2, 2]] })).toContain(
      'axis is 2, but the shape 2 2 (4)',
    );
  });
});
