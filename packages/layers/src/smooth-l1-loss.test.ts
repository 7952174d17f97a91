import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { SmoothL1LossLayer } from './smooth-l1-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('SmoothL1Loss', () => {
  const shape = [2, 2];
  const each = { bottoms: [shape, shape], values: values([0.5, 3, 0, -1], [0, 0, 0, 0]) };

  test('is quadratic near 0 and linear beyond', async () => {
    expect(await topOf(SmoothL1LossLayer, each)).toEqual([(0.125 + 2.5 + 0 + 0.5) / 2]);
  });

  test('multiplies the difference by the weights, the gradient only through it', async () => {
    const weighted = { bottoms: [shape, shape, shape], values: values([0.5, 3, 0, -1], [0], [0.5, 0.1, 1, 0]) };
    const [loss] = await topOf(SmoothL1LossLayer, weighted);
    expect(loss).toBeCloseTo((0.25 ** 2 / 2 + 0.3 ** 2 / 2) / 2, 6);
    const run = await setUpLayer(SmoothL1LossLayer, weighted);
    await run.forward();
    run.tops[0]!.diff.hostWrite().fill(2);
    await run.backward([true, true, false]);
    expect((await run.read(run.bottoms[0]!, 'diff'))[0]).toBeCloseTo(0.25, 6);
    expect((await run.read(run.bottoms[1]!, 'diff'))[1]).toBeCloseTo(-0.3, 6);
    await expect(run.backward([true, false, true])).rejects.toThrow('has no gradient for its weights (bottom[2])');
  });

  test('refuses other counts', async () => {
    expect(await errorOf(SmoothL1LossLayer, { bottoms: [shape, shape, [2, 3]] })).toBe(
      'layer "test" (SmoothL1Loss): bottom[0] is 2 2 (4), bottom[2] is 2 3 (6); their counts must be equal',
    );
  });
});
