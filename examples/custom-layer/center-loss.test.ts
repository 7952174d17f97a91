import { checkLayer, runLayer, setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { cases } from './center-loss.cases.mjs';
import CenterLossLayer from './center-loss.mjs';

describe('CenterLoss', () => {
  test.each(cases.cases)('gradient: $name', async (each) => {
    await checkLayer(CenterLossLayer, each);
  });

  const pair = { param: 'num_output: 2', bottoms: [[2, 2], [2]], blobs: { 0: { values: [0, 0, 1, 1] } } };

  test('is half the mean squared distance to the centres', async () => {
    const values = { 0: { values: [3, 4, 1, 3] }, 1: { values: [0, 1] } };
    const { tops } = await runLayer(CenterLossLayer, { ...pair, values });
    expect([...tops[0]!.data]).toEqual([(25 + 4) / 4]);
  });

  test.each([
    [{ ...pair, values: { 1: { values: [2] } } }, 'label 2 is out of range: there are 2 classes; use 0 to 1'],
    [{ bottoms: [[2, 2], [2]] }, 'inner_product_param.num_output is missing; give the number of classes'],
    [
      {
        ...pair,
        bottoms: [
          [2, 2],
          [2, 2],
        ],
      },
      'give one label an item, and features of the length that the centres have',
    ],
  ])('refuses %j', async (each, message) => {
    const run = async (): Promise<void> => (await setUpLayer(CenterLossLayer, each)).forward();
    await expect(run()).rejects.toThrow(message);
  });
});
