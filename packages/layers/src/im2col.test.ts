import { describe, expect, test } from 'vitest';
import { Im2colLayer } from './im2col.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Im2col', () => {
  test('lays out what each place of the kernel sees, 0 in the padding', async () => {
    const each = { bottoms: [[1, 1, 2, 2]], values: values([1, 2, 3, 4]) };
    expect(await topOf(Im2colLayer, { ...each, param: 'kernel_h: 1 kernel_w: 2' })).toEqual([1, 3, 2, 4]);
    expect(await topOf(Im2colLayer, { ...each, param: 'kernel_h: 1 kernel_w: 2 pad_h: 0 pad_w: 1' })).toEqual([
      0, 1, 2, 0, 3, 4, 1, 2, 0, 3, 4, 0,
    ]);
  });

  test('copies infinities and NaN exactly', async () => {
    const given = [Number.NaN, Number.POSITIVE_INFINITY, -1];
    const each = { param: 'kernel_size: 2', bottoms: [[1, 1, 3]], values: values(given) };
    expect(await topOf(Im2colLayer, each)).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      -1,
    ]);
  });

  test('refuses a kernel that does not fit, none, and no spatial axes', async () => {
    expect(await errorOf(Im2colLayer, { bottoms: [[1, 1, 3, 3]], param: 'kernel_size: 4' })).toBe(
      'layer "test" (Im2col): convolution_param.kernel_size is 4 (dilation 1), larger than the padded input (3 + 2·0) ' +
        'on axis 2; use a smaller kernel, a larger pad, or a larger input',
    );
    expect(await errorOf(Im2colLayer, { bottoms: [[1, 1, 3, 3]] })).toContain(
      'convolution_param.kernel_size is missing',
    );
    expect(await errorOf(Im2colLayer, { bottoms: [[2, 3]], param: 'kernel_size: 1' })).toContain(
      'no axis follows the channels (axis 1); give it spatial axes, or a smaller convolution_param.axis',
    );
  });
});
