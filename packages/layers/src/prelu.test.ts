import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { PReLULayer } from './prelu.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('PReLU', () => {
  test('scales negative values by the slope of their channel', async () => {
    const each = { bottoms: [[1, 2, 2]], values: values([-2, 4, -2, 6]) };
    expect(await topOf(PReLULayer, each)).toEqual([-0.5, 4, -0.5, 6]);
    expect(await topOf(PReLULayer, { ...each, blobs: { 0: { values: [0.5, -1] } } })).toEqual([-1, 4, 2, 6]);
    expect(await topOf(PReLULayer, { ...each, param: 'channel_shared: true filler { value: 2 }' })).toEqual([
      -4, 4, -4, 6,
    ]);
  });

  test('refuses bottoms without channels, and other channels than its slopes', async () => {
    expect(await errorOf(PReLULayer, { bottoms: [[3]] })).toBe(
      'layer "test" (PReLU): bottom[0] is 3 (3); PReLU needs an axis of items and one of channels',
    );
    const run = await setUpLayer(PReLULayer, { bottoms: [[1, 3]] });
    run.bottoms[0]!.reshape([1, 4]);
    await expect(run.forward()).rejects.toThrow('bottom[0] is 1 4 (4), but the slopes were made for 3 channels');
  });
});
