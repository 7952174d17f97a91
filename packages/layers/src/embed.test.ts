import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { EmbedLayer } from './embed.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Embed', () => {
  const each = {
    param: 'input_dim: 3 num_output: 2',
    bottoms: [[2, 2]],
    values: values([2, 0, 2, 1]),
    blobs: { 0: { values: [1, 2, 3, 4, 5, 6] }, 1: { values: [10, 20] } },
  };

  test('gives a row of the table for each index', async () => {
    expect(await topOf(EmbedLayer, each)).toEqual([15, 26, 11, 22, 15, 26, 13, 24]);
  });

  test('sums the gradients of a row', async () => {
    const run = await setUpLayer(EmbedLayer, each);
    await run.forward();
    run.tops[0]!.diff.hostWrite<Float32Array>().set([1, 2, 3, 4, 5, 6, 7, 8]);
    run.layer.blobs[0]!.diff.hostWrite().fill(100);
    await run.backward([false]);
    expect([...(await run.read(run.layer.blobs[0]!, 'diff'))]).toEqual([103, 104, 107, 108, 106, 108]);
    expect([...(await run.read(run.layer.blobs[1]!, 'diff'))]).toEqual([16, 20]);
    await expect(run.backward([true])).rejects.toThrow('has no gradient for its indices (bottom[0])');
  });

  test('refuses an index out of range and missing sizes', async () => {
    for (const index of [3, -1, 1.5, Number.NaN]) {
      expect(await errorOf(EmbedLayer, { ...each, values: values([0, index, 0, 0]) })).toBe(
        `layer "test" (Embed): the index ${index} (value 1 of bottom[0]) is out of range: embed_param.input_dim is 3; ` +
          'use whole numbers from 0 to 2, or a larger input_dim',
      );
    }
    expect(await errorOf(EmbedLayer, { bottoms: [[1]], param: 'input_dim: 3' })).toContain(
      'embed_param.num_output is missing; give the number of outputs',
    );
    expect(await errorOf(EmbedLayer, { bottoms: [[1]], param: 'num_output: 3 input_dim: 0' })).toContain(
      'embed_param.input_dim is 0; give the number of indices: they run from 0 to input_dim - 1',
    );
  });
});
