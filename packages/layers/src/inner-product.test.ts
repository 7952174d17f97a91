import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { InnerProductLayer } from './inner-product.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('InnerProduct', () => {
  test('multiplies by the weights and adds the bias', async () => {
    const each = { param: 'num_output: 2', bottoms: [[2, 3]], values: values([1, 2, 3, 4, 5, 6]) };
    const blobs = { 0: { values: [1, 0, 0, 1, 1, 1] }, 1: { values: [10, 20] } };
    expect(await topOf(InnerProductLayer, { ...each, blobs })).toEqual([11, 26, 14, 35]);
    const transposed = { 0: { values: [1, 1, 0, 1, 0, 1] }, 1: { values: [10, 20] } };
    const param = 'num_output: 2 transpose: true';
    expect(await topOf(InnerProductLayer, { ...each, param, blobs: transposed })).toEqual([11, 26, 14, 35]);
  });

  test('refuses no outputs and another input size', async () => {
    expect(await errorOf(InnerProductLayer, { bottoms: [[2, 3]] })).toBe(
      'layer "test" (InnerProduct): inner_product_param.num_output is missing; give the number of outputs',
    );
    const run = await setUpLayer(InnerProductLayer, { param: 'num_output: 2', bottoms: [[2, 3]] });
    run.bottoms[0]!.reshape([2, 4]);
    await expect(run.forward()).rejects.toThrow(
      'bottom[0] is 2 4 (8): 4 values from axis 1 on, but the weights take 3; ' +
        'an InnerProduct layer needs one input size; crop or pool to a fixed size before it',
    );
  });
});
