import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { DummyDataLayer } from './dummy-data.ts';
import { errorOf, topOf } from './testing/layer-testing.ts';

describe('DummyData', () => {
  const random = 'data_filler { type: "uniform" } data_filler { value: 7 }';

  test('fills each top by its filler, random ones anew in every pass', async () => {
    const run = await setUpLayer(DummyDataLayer, { param: `shape { dim: 4 } ${random}`, bottoms: [], tops: 2 });
    await run.forward();
    const first = [...(await run.read(run.tops[0]!))];
    expect(await run.read(run.tops[1]!)).toEqual(new Float32Array(4).fill(7));
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).not.toEqual(first);
  });

  test('fills constants once', async () => {
    const run = await setUpLayer(DummyDataLayer, { param: 'shape { dim: 2 } data_filler { value: 7 }', bottoms: [] });
    run.tops[0]!.data.hostWrite().fill(1);
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).toEqual([1, 1]);
    expect(await topOf(DummyDataLayer, { param: 'num: 1 channels: 2 height: 1 width: 1', bottoms: [] })).toEqual([
      0, 0,
    ]);
  });

  test('goes on where a saved state left off', async () => {
    const each = { param: `shape { dim: 4 } ${random}`, bottoms: [], tops: 2 };
    const run = await setUpLayer(DummyDataLayer, each);
    await run.forward();
    const state = run.layer.saveState()!;
    await run.forward();
    const next = [...(await run.read(run.tops[0]!))];
    const resumed = await setUpLayer(DummyDataLayer, { ...each, seed: 3 });
    resumed.layer.restoreState(state);
    await resumed.forward();
    expect([...(await resumed.read(resumed.tops[0]!))]).toEqual(next);
  });

  test.each([
    ['', 'dummy_data_param.shape is missing; give shape, or num, channels, height and width'],
    [
      'num: 1 shape { dim: 1 }',
      'dummy_data_param.shape is given beside num, channels, height or width; give one of the two forms',
    ],
    ['shape { dim: 1 } shape { dim: 1 }', 'dummy_data_param.shape is given 2 times for 3 tops; give one, or one a top'],
    [
      'num: 1 num: 2 channels: 1 height: 1 width: 1',
      'dummy_data_param.num is given 2 times for 3 tops; give it once, or once a top',
    ],
    [
      `shape { dim: 1 } ${random}`,
      'dummy_data_param.data_filler is given 2 times for 3 tops; give none, one, or one a top',
    ],
  ])('refuses "%s" for 3 tops', async (param, message) => {
    expect(await errorOf(DummyDataLayer, { param, bottoms: [], tops: 3 })).toBe(`layer "test" (DummyData): ${message}`);
  });
});
