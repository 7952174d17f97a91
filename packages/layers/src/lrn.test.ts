import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { LRNLayer } from './lrn.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('LRN', () => {
  test('divides by the sum of squares of channels around', async () => {
    const param = 'local_size: 3 alpha: 3 beta: 1 k: 1';
    const y = await topOf(LRNLayer, { param, bottoms: [[1, 3, 1, 1]], values: values([1, 2, 3]) });
    const expected = [1 / (1 + 5), 2 / (1 + 14), 3 / (1 + 13)];
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });

  test('divides by the average of squares of pixels around, padding counted', async () => {
    const param = 'norm_region: WITHIN_CHANNEL local_size: 3 alpha: 9 beta: 1 k: 7';
    const y = await topOf(LRNLayer, { param, bottoms: [[1, 1, 1, 2]], values: values([1, 2]) });
    expect(y[0]).toBeCloseTo(1 / 6, 6);
    expect(y[1]).toBeCloseTo(2 / 6, 6);
  });

  test('refuses an even size, other than 4 axes, and working in place', async () => {
    expect(await errorOf(LRNLayer, { param: 'local_size: 4', bottoms: [[1, 1, 2, 2]] })).toBe(
      'layer "test" (LRN): lrn_param.local_size is 4; use an odd number such as 5',
    );
    expect(await errorOf(LRNLayer, { bottoms: [[2, 3]] })).toContain(
      'bottom[0] is 2 3 (6); LRN needs 4 axes: N, C, H, W',
    );
    await expect(setUpLayer(LRNLayer, { bottoms: [[1, 1, 2, 2]] }, { inPlace: true })).rejects.toThrow(
      'cannot work in place; give the top another name than the bottom',
    );
  });
});
