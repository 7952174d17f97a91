import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { SplitLayer } from './split.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Split', () => {
  test('shares its data and sums the gradients', async () => {
    const run = await setUpLayer(SplitLayer, { bottoms: [[2]], values: values([1, 2]), tops: 3 });
    await run.forward();
    for (const top of run.tops) expect(top.data).toBe(run.bottoms[0]!.data);
    run.tops.forEach((top, i) => {
      top.diff.hostWrite().set([10 ** i, 2]);
    });
    await run.backward();
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([111, 6]);
    // The gradients of the tops stay what they were.
    expect([...(await run.read(run.tops[0]!, 'diff'))]).toEqual([1, 2]);
  });

  test('takes tops without a gradient as 0', async () => {
    const run = await setUpLayer(SplitLayer, { bottoms: [[2]], tops: 3 });
    await run.forward();
    await run.backward();
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([0, 0]);
    run.tops[1]!.diff.hostWrite().set([3, 4]);
    await run.backward();
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([3, 4]);
  });

  test('needs a bottom', async () => {
    expect(await errorOf(SplitLayer, { bottoms: [] })).toContain('has 0 bottoms, takes 1 bottom; give 1 more');
    expect(await topOf(SplitLayer, { bottoms: [[1]], values: values([5]) })).toEqual([5]);
  });
});
