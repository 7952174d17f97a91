import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { BatchReindexLayer } from './batch-reindex.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('BatchReindex', () => {
  const each = { bottoms: [[3, 2], [4]], values: values([1, 2, 3, 4, 5, 6], [2, 0, 0, 2]) };

  test('picks items in any order, several times', async () => {
    expect(await topOf(BatchReindexLayer, each)).toEqual([5, 6, 1, 2, 1, 2, 5, 6]);
  });

  test('sums the gradients of an item; one that went nowhere gets 0', async () => {
    const run = await setUpLayer(BatchReindexLayer, each);
    await run.forward();
    run.tops[0]!.diff.hostWrite<Float32Array>().set([1, 2, 3, 4, 5, 6, 7, 8]);
    await run.backward([true, false]);
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([8, 10, 0, 0, 8, 10]);
    await expect(run.backward([true, true])).rejects.toThrow('has no gradient for its indices (bottom[1])');
  });

  test('refuses indices out of range, on two axes, and a scalar', async () => {
    for (const index of [3, -1, 0.5, Number.NaN]) {
      expect(await errorOf(BatchReindexLayer, { ...each, values: values([0], [0, index, 0, 0]) })).toBe(
        `layer "test" (BatchReindex): the index ${index} (bottom[1]) names none of the 3 items of bottom[0]; use whole numbers from 0 to 2`,
      );
    }
    expect(await errorOf(BatchReindexLayer, { bottoms: [[3], [2, 1]] })).toContain(
      'bottom[1] is 2 1 (2); give the indices along one axis',
    );
    expect(await errorOf(BatchReindexLayer, { bottoms: [[], [1]] })).toContain('bottom[0] is a scalar');
  });
});
