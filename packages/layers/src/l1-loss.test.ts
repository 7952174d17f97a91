import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { L1LossLayer } from './l1-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('L1Loss', () => {
  const bottoms = [
    [2, 2],
    [2, 2],
  ];
  const each = { bottoms, values: values([1, 2, 3, 4], [1, 0, 4, 0]) };

  test('is the sum of distances over the items', async () => {
    expect(await topOf(L1LossLayer, each)).toEqual([(2 + 1 + 4) / 2]);
  });

  test('has gradients of ±weight/N, 0 where the bottoms are equal', async () => {
    const run = await setUpLayer(L1LossLayer, each);
    await run.forward();
    run.tops[0]!.diff.hostWrite().fill(3);
    await run.backward([true, true]);
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([0, 1.5, -1.5, 1.5]);
    expect([...(await run.read(run.bottoms[1]!, 'diff'))].map((v) => v + 0)).toEqual([0, -1.5, 1.5, -1.5]);
  });

  test('refuses other counts', async () => {
    const wrong = [
      [2, 2],
      [2, 3],
    ];
    expect(await errorOf(L1LossLayer, { bottoms: wrong })).toBe(
      'layer "test" (L1Loss): bottom[0] is 2 2 (4), bottom[1] is 2 3 (6); their counts must be equal',
    );
  });
});
