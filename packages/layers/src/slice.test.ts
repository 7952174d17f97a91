import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { SliceLayer } from './slice.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Slice', () => {
  test('cuts along an axis', async () => {
    const each = { bottoms: [[2, 3]], values: values([1, 2, 3, 4, 5, 6]), param: 'slice_point: 1', tops: 2 };
    expect(await topOf(SliceLayer, each)).toEqual([1, 4]);
    expect(await topOf(SliceLayer, each, 1)).toEqual([2, 3, 5, 6]);
    expect(await topOf(SliceLayer, { ...each, param: 'axis: 0' }, 1)).toEqual([4, 5, 6]);
  });

  test('into one top is the same memory', async () => {
    const run = await setUpLayer(SliceLayer, { bottoms: [[2, 3]] });
    await run.forward();
    expect(run.tops[0]!.data).toBe(run.bottoms[0]!.data);
  });

  const failing = (param: string, tops: number) => errorOf(SliceLayer, { param, bottoms: [[2, 5]], tops });
  test.each([
    ['', 2, 'axis 1 is 5 long, which 2 tops cannot share equally; give slice_point'],
    ['slice_point: 1', 3, 'slice_param.slice_point is given 1 times for 3 tops; give it 2 times, or not at all'],
    [
      'slice_point: 3 slice_point: 2',
      3,
      'slice_param.slice_point is 2, not beyond 3 before it; give rising points greater than 0',
    ],
    ['slice_point: 0', 2, 'slice_param.slice_point is 0, not beyond 0 before it; give rising points greater than 0'],
    ['slice_point: 5', 2, 'slice_param.slice_point is 5, but axis 1 is 5 long; use 1 to 4'],
    ['slice_dim: 1 axis: 1', 2, 'slice_param.axis is given beside slice_dim; give axis alone'],
  ])('refuses "%s" for %i tops', async (param, tops, message) => {
    expect(await failing(param, tops)).toBe(`layer "test" (Slice): ${message}`);
  });
});
