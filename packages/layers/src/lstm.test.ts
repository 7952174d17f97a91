import { type LayerCase, setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { LSTMLayer } from './lstm.ts';
import { LSTMUnitLayer } from './lstm-unit.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

const fillers = 'weight_filler { type: "gaussian" std: 0.5 } bias_filler { type: "gaussian" }';

describe('LSTM', () => {
  const bottoms = [
    [3, 2, 2],
    [3, 2],
  ];
  const each: LayerCase = { param: `num_output: 2 ${fillers}`, bottoms, values: { 1: { constant: 1 } } };

  test('with one step and no hidden value computes what LSTMUnit computes', async () => {
    const x = [0.1, 0.2, 0.3, 0.4];
    const one = {
      param: 'num_output: 1',
      bottoms: [
        [1, 1, 4],
        [1, 1],
      ],
      values: values(x, [0]),
      blobs: { 0: { values: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] } },
    };
    const unit = {
      bottoms: [
        [1, 1, 1],
        [1, 1, 4],
        [1, 1],
      ],
      values: values([0], x, [0]),
    };
    expect(await topOf(LSTMLayer, one)).toEqual(await topOf(LSTMUnitLayer, unit, 1));
  });

  test('goes on from one pass to the next, as one long sequence, until cont is 0', async () => {
    const run = await setUpLayer(LSTMLayer, each);
    const x = Float32Array.from(await run.read(run.bottoms[0]!));
    await run.forward();
    const first = [...(await run.read(run.tops[0]!))];
    await run.forward();
    const second = [...(await run.read(run.tops[0]!))];
    expect(second).not.toEqual(first);
    const long = await setUpLayer(LSTMLayer, {
      ...each,
      bottoms: [
        [6, 2, 2],
        [6, 2],
      ],
    });
    long.bottoms[0]!.data.hostWrite<Float32Array>().set([...x, ...x]);
    run.layer.blobs.forEach((blob, i) => {
      long.layer.blobs[i]!.data.hostWrite<Float32Array>().set(blob.data.hostRead());
    });
    await long.forward();
    expect([...(await long.read(long.tops[0]!))]).toEqual([...first, ...second]);
    run.bottoms[1]!.data.hostWrite<Float32Array>().set([0, 0, 1, 1, 1, 1]);
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).toEqual(first);
  });

  test('keeps its states in a snapshot', async () => {
    const run = await setUpLayer(LSTMLayer, each);
    await run.forward();
    const saved = run.layer.saveState()!;
    expect(Object.keys(saved)).toEqual(['h', 'c']);
    await run.forward();
    const expected = [...(await run.read(run.tops[0]!))];
    const again = await setUpLayer(LSTMLayer, each);
    again.layer.restoreState(JSON.parse(JSON.stringify(saved)));
    await again.forward();
    expect([...(await again.read(again.tops[0]!))]).toEqual(expected);
  });

  test('has its blobs in the order of Caffe', async () => {
    const shapes = async (...more: number[][]): Promise<unknown> =>
      (await setUpLayer(LSTMLayer, { ...each, bottoms: [...bottoms, ...more] })).layer.blobs.map(({ shape }) => shape);
    expect(await shapes()).toEqual([[8, 2], [8], [8, 2]]);
    expect(await shapes([2, 3])).toEqual([[8, 2], [8], [8, 3], [8, 2]]);
  });

  test('refuses shapes that do not fit', async () => {
    const failing = (shapes: number[][], param = each.param) => errorOf(LSTMLayer, { bottoms: shapes, param });
    expect(await failing(bottoms, '')).toBe(
      'layer "test" (LSTM): recurrent_param.num_output is missing; give the number of outputs',
    );
    expect(await failing([[3, 2, 2], [3]])).toContain(
      'bottom[1] is 3 (3), bottom[0] is 3 2 2 (12); give one mark a step and item: 3,2',
    );
    expect(await failing([...bottoms, [3, 4]])).toContain(
      'bottom[2] (the static input) is 3 4 (12), but there are 2 items; give it N,…',
    );
    const exposed = `${each.param} expose_hidden: true`;
    expect(await failing(bottoms, exposed)).toContain('has 2 bottoms, takes 4 to 5 bottoms; give 2 more');
    expect(await failing([...bottoms, [1, 2, 2], [1, 2, 3]], exposed)).toContain(
      'bottom[3] (c) is 1 2 3 (6); give the states before the first step: 1,2,2',
    );
    const run = await setUpLayer(LSTMLayer, each);
    run.bottoms[0]!.reshape([3, 2, 3]);
    await expect(run.forward()).rejects.toThrow(
      'bottom[0] is 3 2 3 (18): 3 values a step and item, but the weights take 2',
    );
    await expect(run.backward([true, true])).rejects.toThrow('has no gradient for its sequence marks (bottom[1])');
  });
});
