import { describe, expect, test } from 'vitest';
import { ConvolutionLayer } from './convolution.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Convolution', () => {
  const ones = 'weight_filler { value: 1 }';

  test('sums windows that are padded with zeros', async () => {
    const each = { param: `num_output: 1 kernel_size: 3 pad: 1 ${ones}`, bottoms: [[1, 1, 2, 3]] };
    const y = await topOf(ConvolutionLayer, { ...each, values: values([1, 2, 3, 4, 5, 6]) });
    expect(y).toEqual([12, 21, 16, 12, 21, 16]);
  });

  test('does not turn the kernel round', async () => {
    const each = { param: 'num_output: 1 kernel_h: 1 kernel_w: 2', bottoms: [[1, 1, 1, 3]] };
    const y = await topOf(ConvolutionLayer, { ...each, values: values([1, 2, 3]), blobs: { 0: { values: [10, 1] } } });
    expect(y).toEqual([12, 23]);
  });

  test('keeps groups apart', async () => {
    const each = { param: `num_output: 2 kernel_size: 1 group: 2 ${ones}`, bottoms: [[1, 4, 1, 1]] };
    expect(await topOf(ConvolutionLayer, { ...each, values: values([1, 2, 10, 20]) })).toEqual([3, 30]);
  });

  test('is a matrix product where there is no spatial axis', async () => {
    const each = { param: `num_output: 2 kernel_size: 1 bias_filler { value: 1 } ${ones}`, bottoms: [[2, 3]] };
    expect(await topOf(ConvolutionLayer, { ...each, values: values([1, 2, 3, 4, 5, 6]) })).toEqual([7, 7, 16, 16]);
  });

  const failing = (param: string, bottoms = [[1, 4, 5, 5]], tops?: number) =>
    errorOf(ConvolutionLayer, { param, bottoms, tops });

  test.each([
    ['kernel_size: 3', 'convolution_param.num_output is missing; give the number of output channels'],
    ['num_output: 0 kernel_size: 3', 'convolution_param.num_output is 0; give the number of output channels'],
    ['num_output: 2', 'convolution_param.kernel_size is missing; give kernel_size, or kernel_h and kernel_w'],
    ['num_output: 2 kernel_h: 3', 'convolution_param.kernel_w is missing beside kernel_h; give both'],
    [
      'num_output: 2 kernel_size: 3 kernel_h: 3 kernel_w: 3',
      'convolution_param.kernel_size is given beside kernel_h or kernel_w; give one of the two forms',
    ],
    [
      'num_output: 2 kernel_size: [3, 3, 3]',
      'convolution_param.kernel_size is given 3 times for 2 spatial axes; give it once, or 2 times',
    ],
    ['num_output: 2 kernel_size: 0', 'convolution_param.kernel_size is 0; use 1 or more'],
    ['num_output: 2 kernel_size: 3 stride: 0', 'convolution_param.stride is 0; use 1 or more'],
    ['num_output: 2 kernel_size: 3 stride_h: 0', 'convolution_param.stride is 0; use 1 or more'],
    ['num_output: 2 kernel_size: 3 dilation: 0', 'convolution_param.dilation is 0; use 1 or more'],
    [
      'num_output: 6 kernel_size: 3 group: 3',
      'convolution_param.group is 3, which does not divide the 4 input channels; use a divisor of 4',
    ],
    [
      'num_output: 3 kernel_size: 3 group: 2',
      'convolution_param.group is 2, which does not divide the 3 output channels; use a divisor of 3',
    ],
    [
      'num_output: 2 kernel_size: 6',
      'convolution_param.kernel_size is 6, larger than the padded input (5 + 2·0) on axis 2; ' +
        'use a smaller kernel, a larger pad, or a larger input',
    ],
    [
      'num_output: 2 kernel_size: 3 dilation: 4 pad: 1',
      'convolution_param.kernel_size is 3 (9 with dilation 4), larger than the padded input (5 + 2·1) on axis 2; ' +
        'use a smaller kernel, a larger pad, or a larger input',
    ],
    ['num_output: 2 kernel_size: 3 axis: 4', 'axis is 4, but the shape 1 4 5 5 (100) has 4 axes; use -4 to 3'],
  ])('refuses %s', async (param, message) => {
    expect(await failing(param)).toBe(`layer "test" (Convolution): ${message}`);
  });

  test('refuses kernel_h and kernel_w where there are not two spatial axes', async () => {
    expect(await failing('num_output: 2 kernel_h: 3 kernel_w: 3', [[1, 4, 5]])).toContain(
      'convolution_param.kernel_h and kernel_w need two spatial axes, but there are 1; use kernel once an axis',
    );
  });

  test('refuses bottoms of several shapes, and another number of tops', async () => {
    const param = 'num_output: 2 kernel_size: 3';
    expect(
      await failing(
        param,
        [
          [1, 4, 5, 5],
          [1, 4, 6, 5],
        ],
        2,
      ),
    ).toContain('bottom[1] is 1 4 6 5 (120), bottom[0] is 1 4 5 5 (100); all bottoms of one layer must have one shape');
    expect(
      await failing(
        param,
        [
          [1, 4, 5, 5],
          [1, 4, 5, 5],
        ],
        1,
      ),
    ).toContain('has 2 bottoms and 1 tops; give as many tops as bottoms');
  });
});
