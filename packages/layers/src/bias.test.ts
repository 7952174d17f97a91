import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { BiasLayer } from './bias.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Bias', () => {
  test('adds by channel, by a second bottom, and a scalar', async () => {
    const x = values([1, 2, 3, 4], [10, 100]);
    expect(await topOf(BiasLayer, { bottoms: [[1, 2, 2]], values: x, blobs: { 0: { values: [1, -1] } } })).toEqual([
      2, 3, 2, 3,
    ]);
    expect(await topOf(BiasLayer, { bottoms: [[2, 2], [2]], param: 'axis: 0', values: x })).toEqual([11, 12, 103, 104]);
    expect(await topOf(BiasLayer, { bottoms: [[4]], param: 'num_axes: 0 filler { value: -128 }', values: x })).toEqual([
      -127, -126, -125, -124,
    ]);
  });

  test('refuses biases that do not fit', async () => {
    expect(await errorOf(BiasLayer, { bottoms: [[2, 3], [2]] })).toBe(
      'layer "test" (Bias): the bias (2 (2)) does not fit bottom[0] (2 3 (6)) from axis 1 on; ' +
        'the lengths must be equal; see bias_param.axis and num_axes',
    );
    const run = await setUpLayer(BiasLayer, { bottoms: [[2, 3]] });
    run.bottoms[0]!.reshape([2, 4]);
    await expect(run.forward()).rejects.toThrow('the bias (3 (3)) does not fit bottom[0] (2 4 (8))');
  });
});
