import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { FilterLayer } from './filter.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Filter', () => {
  const each = {
    layer: 'bottom: "x" bottom: "s"',
    bottoms: [[3, 2], [3]],
    values: values([1, 2, 3, 4, 5, 6], [1, 0, 7]),
  };

  test('lets the selected items through', async () => {
    expect(await topOf(FilterLayer, each)).toEqual([1, 2, 5, 6]);
  });

  test('gives no items where none is selected, and follows a selector that changes', async () => {
    const run = await setUpLayer(FilterLayer, each);
    expect(run.tops[0]!.shape).toEqual([3, 2]);
    run.bottoms[1]!.data.hostWrite().fill(0);
    await run.forward();
    expect(run.tops[0]!.shape).toEqual([0, 2]);
    await run.backward([true, false]);
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([0, 0, 0, 0, 0, 0]);
    run.bottoms[1]!.data.hostWrite().fill(1);
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('gives items left out a gradient of 0', async () => {
    const run = await setUpLayer(FilterLayer, each);
    await run.forward();
    run.tops[0]!.diff.hostWrite<Float32Array>().set([1, 2, 3, 4]);
    await run.backward([true, false]);
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([1, 2, 0, 0, 3, 4]);
    await expect(run.backward([true, true])).rejects.toThrow('has no gradient for its selector (bottom[1])');
  });

  test('refuses shapes and numbers of tops that do not fit', async () => {
    expect(await errorOf(FilterLayer, { ...each, bottoms: [[3, 2], [2]] })).toBe(
      'layer "test" (Filter): bottom[0] is 3 2 (6), but the selector has 2 values; give one value an item',
    );
    expect(await errorOf(FilterLayer, { ...each, bottoms: [[3], [3, 2]] })).toContain('the selector is 3 2 (6)');
    expect(await errorOf(FilterLayer, { ...each, tops: 2 })).toContain(
      'has 2 bottoms and 2 tops; give a top for each bottom but the last, which is the selector',
    );
  });
});
