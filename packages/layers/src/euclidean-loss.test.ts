import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { EuclideanLossLayer } from './euclidean-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('EuclideanLoss', () => {
  test('is half the mean squared distance', async () => {
    const each = {
      bottoms: [
        [2, 2],
        [2, 2],
      ],
      values: values([1, 2, 3, 4], [1, 0, 0, 4]),
    };
    expect(await topOf(EuclideanLossLayer, each)).toEqual([13 / 4]);
    const run = await setUpLayer(EuclideanLossLayer, each);
    await run.forward();
    run.tops[0]!.diff.hostWrite().fill(2);
    await run.backward([true, true]);
    expect([...(await run.read(run.bottoms[1]!, 'diff'))]).toEqual([-0, -2, -3, -0]);
  });

  test('refuses other counts and an empty batch', async () => {
    expect(
      await errorOf(EuclideanLossLayer, {
        bottoms: [
          [2, 2],
          [2, 3],
        ],
      }),
    ).toBe('layer "test" (EuclideanLoss): bottom[0] is 2 2 (4), bottom[1] is 2 3 (6); their counts must be equal');
    expect(
      await errorOf(EuclideanLossLayer, {
        bottoms: [
          [0, 2],
          [0, 2],
        ],
      }),
    ).toContain('a loss of nothing');
  });
});
