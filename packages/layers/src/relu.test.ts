import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { ReLULayer } from './relu.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('ReLU', () => {
  test('keeps what is positive and scales the rest', async () => {
    const each = { bottoms: [[4]], values: values([-2, 0, 0.5, 3]) };
    expect(await topOf(ReLULayer, each)).toEqual([0, 0, 0.5, 3]);
    expect(await topOf(ReLULayer, { ...each, param: 'negative_slope: 0.5' })).toEqual([-1, 0, 0.5, 3]);
  });

  test('refuses a gradient in place where the slope is negative', async () => {
    const each = { param: 'negative_slope: -0.5', bottoms: [[4]] };
    const run = await setUpLayer(ReLULayer, each, { inPlace: true });
    await run.forward();
    await expect(run.backward()).rejects.toThrow(
      'relu_param.negative_slope is -0.5, which has no gradient in place; give the top another name',
    );
    expect(await errorOf(ReLULayer, each)).toBe('no error');
  });
});
