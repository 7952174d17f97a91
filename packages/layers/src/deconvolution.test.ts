import { describe, expect, test } from 'vitest';
import { DeconvolutionLayer } from './deconvolution.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Deconvolution', () => {
  test('spreads each value over its window', async () => {
    const each = { param: 'num_output: 1 kernel_size: 2 stride: 2 bias_filler { value: 1 }', bottoms: [[1, 1, 1, 2]] };
    const y = await topOf(DeconvolutionLayer, {
      ...each,
      values: values([1, 10]),
      blobs: { 0: { values: [1, 2, 3, 4] } },
    });
    expect(y).toEqual([2, 3, 11, 21, 4, 5, 31, 41]);
  });

  test('upsamples by 2 with the bilinear filler', async () => {
    const param =
      'num_output: 1 group: 1 kernel_size: 4 stride: 2 pad: 1 bias_term: false weight_filler { type: "bilinear" }';
    const y = await topOf(DeconvolutionLayer, { param, bottoms: [[1, 1, 1, 3]], values: values([4, 8, 16]) });
    expect(y.slice(0, 6)).toEqual([2.25, 3.75, 5.25, 7.5, 10.5, 9]);
  });

  test('refuses pads that leave nothing, and groups that do not divide', async () => {
    const failing = (param: string) => errorOf(DeconvolutionLayer, { param, bottoms: [[1, 2, 1, 1]] });
    expect(await failing('num_output: 1 kernel_size: 2 pad: 1')).toContain('convolution_param.kernel_size is 2');
    expect(await failing('num_output: 3 kernel_size: 2 group: 2')).toContain(
      'convolution_param.group is 2, which does not divide the 3 output channels; use a divisor of 3',
    );
  });
});
