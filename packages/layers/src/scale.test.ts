import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { ScaleLayer } from './scale.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

/** As a TEST net makes it that was not built with force_backward. */
class NotForced extends ScaleLayer {
  constructor(...[param, context]: ConstructorParameters<typeof ScaleLayer>) {
    super(param, { ...context, forceBackward: false });
  }
}

describe('Scale', () => {
  const x = values([1, 2, 3, 4]);

  test('multiplies and adds by channel, along other axes, and by a scalar', async () => {
    const each = { bottoms: [[1, 2, 2]], values: x };
    expect(await topOf(ScaleLayer, each)).toEqual([1, 2, 3, 4]);
    const blobs = { 0: { values: [10, 100] }, 1: { values: [1, -1] } };
    expect(await topOf(ScaleLayer, { ...each, param: 'bias_term: true', blobs })).toEqual([11, 21, 299, 399]);
    expect(await topOf(ScaleLayer, { ...each, param: 'axis: -1', blobs: { 0: { values: [1, 2] } } })).toEqual([
      1, 4, 3, 8,
    ]);
    expect(await topOf(ScaleLayer, { ...each, param: 'num_axes: 0 filler { value: 3 }' })).toEqual([3, 6, 9, 12]);
  });

  test('takes the scale from a second bottom', async () => {
    const each = { bottoms: [[2, 2], [2]], values: values([1, 2, 3, 4], [10, 100]) };
    expect(await topOf(ScaleLayer, { ...each, param: 'axis: 0' })).toEqual([10, 20, 300, 400]);
    expect(await topOf(ScaleLayer, each)).toEqual([10, 200, 30, 400]);
  });

  test('keeps no copy of its input in a TEST net without force_backward', async () => {
    const run = await setUpLayer(NotForced, { bottoms: [[1, 2]], values: x, phase: 'TEST' }, { inPlace: true });
    await run.forward();
    await expect(run.backward()).rejects.toThrow(
      'works in place and kept no input for a gradient in a TEST net; build the net with force_backward: true',
    );
  });

  test('refuses scales that do not fit', async () => {
    expect(await errorOf(ScaleLayer, { bottoms: [[2, 3], [2]] })).toBe(
      'layer "test" (Scale): the scale (2 (2)) does not fit bottom[0] (2 3 (6)) from axis 1 on; ' +
        'the lengths must be equal; see scale_param.axis and num_axes',
    );
    expect(await errorOf(ScaleLayer, { param: 'num_axes: 3', bottoms: [[2, 3]] })).toContain(
      'scale_param.num_axes is 3, but from axis 1 on 2 3 (6) has 1; use -1 to 1',
    );
    expect(await errorOf(ScaleLayer, { param: 'num_axes: -2', bottoms: [[2, 3]] })).toContain(
      'num_axes is -2; use -1 or more',
    );
    expect(await errorOf(ScaleLayer, { param: 'axis: 2', bottoms: [[2, 3]] })).toContain(
      'axis is 2, but the shape 2 3 (6) has 2 axes; use -2 to 1',
    );
  });
});
