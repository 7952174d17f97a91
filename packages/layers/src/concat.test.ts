import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { ConcatLayer } from './concat.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Concat', () => {
  test('joins along an axis', async () => {
    const each = {
      bottoms: [
        [2, 1],
        [2, 2],
      ],
      values: values([1, 2], [3, 4, 5, 6]),
    };
    expect(await topOf(ConcatLayer, each)).toEqual([1, 3, 4, 2, 5, 6]);
    expect(
      await topOf(ConcatLayer, {
        bottoms: [
          [1, 2],
          [2, 2],
        ],
        param: 'axis: 0',
        values: values([1, 2], [3, 4, 5, 6]),
      }),
    ).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('of one bottom is the same memory', async () => {
    const run = await setUpLayer(ConcatLayer, { bottoms: [[2, 3]] });
    await run.forward();
    expect(run.tops[0]!.data).toBe(run.bottoms[0]!.data);
    expect(run.tops[0]!.diff).toBe(run.bottoms[0]!.diff);
  });

  test('refuses other axes that differ, and axes out of range', async () => {
    expect(
      await errorOf(ConcatLayer, {
        bottoms: [
          [2, 1, 3],
          [2, 2, 4],
        ],
      }),
    ).toBe('layer "test" (Concat): bottom[1] is 2 2 4 (16), bottom[0] is 2 1 3 (6); all axes but axis 1 must be equal');
    expect(
      await errorOf(ConcatLayer, {
        param: 'axis: 3',
        bottoms: [
          [2, 1],
          [2, 1],
        ],
      }),
    ).toContain('axis is 3');
    expect(
      await errorOf(ConcatLayer, {
        param: 'concat_dim: 2',
        bottoms: [
          [2, 1],
          [2, 1],
        ],
      }),
    ).toContain('concat_param.concat_dim is 2, but the shape 2 1 (2) has 2 axes; use 0 to 1');
    expect(
      await errorOf(ConcatLayer, {
        param: 'concat_dim: 1 axis: 1',
        bottoms: [
          [2, 1],
          [2, 1],
        ],
      }),
    ).toContain('concat_param.axis is given beside concat_dim; give axis alone');
    await expect(topOf(ConcatLayer, { bottoms: [[1]], param: 'axis: 0', values: values([7]) })).resolves.toEqual([7]);
  });
});
