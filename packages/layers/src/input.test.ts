import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { InputLayer } from './input.ts';
import { errorOf } from './testing/layer-testing.ts';

describe('Input', () => {
  test('gives its tops their shapes: one for all, or one a top', async () => {
    const one = await setUpLayer(InputLayer, { param: 'shape { dim: 2 dim: 3 }', bottoms: [], tops: 2 });
    expect(one.tops.map((top) => top.shape)).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  test('leaves shapes that the caller gave', async () => {
    const run = await setUpLayer(InputLayer, { param: 'shape { dim: 2 }', bottoms: [] });
    run.tops[0]!.reshape([5]);
    await run.forward();
    expect(run.tops[0]!.shape).toEqual([5]);
  });

  test('refuses another number of shapes than tops', async () => {
    const param = 'shape { dim: 1 } shape { dim: 2 }';
    expect(await errorOf(InputLayer, { param, bottoms: [], tops: 3 })).toBe(
      'layer "test" (Input): input_param.shape is given 2 times for 3 tops; give none, one, or one a top',
    );
  });
});
