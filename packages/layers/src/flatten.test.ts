import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { FlattenLayer } from './flatten.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Flatten', () => {
  test('is another view of the same memory', async () => {
    const run = await setUpLayer(FlattenLayer, { bottoms: [[2, 3, 4]] });
    expect(run.tops[0]!.shape).toEqual([2, 12]);
    expect(run.tops[0]!.data).toBe(run.bottoms[0]!.data);
    expect(run.tops[0]!.diff).toBe(run.bottoms[0]!.diff);
    run.bottoms[0]!.reshape([5, 3, 4]);
    await run.forward();
    expect(run.tops[0]!.shape).toEqual([5, 12]);
    expect(run.tops[0]!.data).toBe(run.bottoms[0]!.data);
  });

  test('refuses an end before the start', async () => {
    expect(await errorOf(FlattenLayer, { param: 'axis: 2 end_axis: 1', bottoms: [[2, 3, 4]] })).toBe(
      'layer "test" (Flatten): flatten_param.end_axis is 1, before axis (2) of 2 3 4 (24); use 2 to 2',
    );
    expect(await topOf(FlattenLayer, { bottoms: [[1, 2]], values: values([1, 2]) })).toEqual([1, 2]);
  });
});
