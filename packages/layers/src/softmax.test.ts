import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { SoftmaxLayer } from './softmax.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Softmax', () => {
  test('gives shares that sum to 1, of large scores too', async () => {
    const each = { bottoms: [[2, 2]], values: values([1000, 1000, 0, Math.log(3)]) };
    const y = await topOf(SoftmaxLayer, each);
    [0.5, 0.5, 0.25, 0.75].forEach((value, i) => {
      expect(y[i]).toBeCloseTo(value, 6);
    });
  });

  test('refuses an axis out of range', async () => {
    expect(await errorOf(SoftmaxLayer, { param: 'axis: 2', bottoms: [[2, 2]] })).toBe(
      'layer "test" (Softmax): axis is 2, but the shape 2 2 (4) has 2 axes; use -2 to 1',
    );
    expect((await setUpLayer(SoftmaxLayer, { bottoms: [[2, 2]] })).tops[0]!.shape).toEqual([2, 2]);
  });
});
