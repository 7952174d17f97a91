import { describe, expect, test } from 'vitest';
import { PermuteLayer } from './permute.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Permute', () => {
  test('puts axes in another order', async () => {
    const each = { bottoms: [[2, 3]], values: values([1, 2, 3, 4, 5, 6]) };
    expect(await topOf(PermuteLayer, { ...each, param: 'order: [1, 0]' })).toEqual([1, 4, 2, 5, 3, 6]);
    expect(await topOf(PermuteLayer, { ...each, param: 'order: 1' })).toEqual([1, 4, 2, 5, 3, 6]);
    expect(await topOf(PermuteLayer, { ...each, param: 'order: 0' })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('refuses axes that are not there or named twice', async () => {
    const failing = (param: string) => errorOf(PermuteLayer, { bottoms: [[2, 3]], param });
    expect(await failing('order: [0, 2]')).toBe(
      'layer "test" (Permute): permute_param.order names axis 2, but the shape 2 3 (6) has 2 axes; use 0 to 1',
    );
    expect(await failing('order: [1, 1]')).toContain('permute_param.order names axis 1 twice; name each axis once');
  });
});
