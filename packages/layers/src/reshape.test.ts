import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { ReshapeLayer } from './reshape.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Reshape', () => {
  test('is another view of the same memory', async () => {
    const run = await setUpLayer(ReshapeLayer, { param: 'shape { dim: 0 dim: -1 }', bottoms: [[2, 3, 4]] });
    expect(run.tops[0]!.shape).toEqual([2, 12]);
    expect(run.tops[0]!.data).toBe(run.bottoms[0]!.data);
    expect(
      await topOf(ReshapeLayer, { bottoms: [[2]], values: values([1, 2]), param: 'shape { dim: 2 dim: 1 }' }),
    ).toEqual([1, 2]);
  });

  test.each([
    [
      'shape { dim: 5 }',
      'reshape_param.shape makes 5 values of bottom[0], 2 3 4 (24); keep the count, or use -1 for one dim',
    ],
    [
      'shape { dim: -1 dim: 5 }',
      'reshape_param.shape leaves 5 values an index of the inferred axis, which does not divide 24',
    ],
    ['shape { dim: -1 dim: -1 }', 'reshape_param.shape has 2 dims of -1; give at most one'],
    ['shape { dim: -2 }', 'reshape_param.shape has the dim -2; use -1, 0 or more'],
    [
      'shape { dim: 2 dim: 3 dim: 4 dim: 0 }',
      'reshape_param.shape copies axis 3 by a dim of 0, but bottom[0] is 2 3 4 (24)',
    ],
    ['axis: 4 shape { dim: 1 }', 'reshape_param.axis is 4, but the shape 2 3 4 (24) has 3 axes; use -4 to 3'],
    [
      'axis: 2 num_axes: 2 shape { dim: 1 }',
      'reshape_param.num_axes is 2, but from axis 2 on there are 1; use -1 to 1',
    ],
  ])('refuses %s', async (param, message) => {
    expect(await errorOf(ReshapeLayer, { param, bottoms: [[2, 3, 4]] })).toBe(`layer "test" (Reshape): ${message}`);
  });
});
