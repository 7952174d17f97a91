import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { LayerRegistry, Net } from '@jacinto/net';
import { type LayerRun, setUpLayer } from '@jacinto/net/testing';
import { Phase, readNet } from '@jacinto/proto';
import { describe, expect, test } from 'vitest';
import { BatchNormLayer } from './batch-norm.ts';
import { InputLayer } from './input.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

// One channel of four values: mean 4, biased variance 5, unbiased variance 20/3.
const four = { bottoms: [[4, 1]], values: values([1, 3, 5, 7]) };
const fraction = 'moving_average_fraction: 0.75';
const blobs = async (run: LayerRun): Promise<number[]> => {
  const all = [];
  for (const blob of run.layer.blobs) all.push(...(await run.read(blob)));
  return all;
};
const close = (mine: number[], expected: number[]): void => {
  expect(mine).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(mine[i], `value ${i}`).toBeCloseTo(value, 4);
  });
};

describe('BatchNorm', () => {
  test("normalises by the batch's statistics in TRAIN", async () => {
    const deviation = Math.sqrt(5 + 1e-5);
    close(
      await topOf(BatchNormLayer, four),
      [-3, -1, 1, 3].map((value) => value / deviation),
    );
  });

  test('replaces the running statistics at iteration 0, then averages; the variance is unbiased', async () => {
    let iteration = 0;
    const run = await setUpLayer(BatchNormLayer, { ...four, param: fraction }, { iteration: () => iteration });
    close(await blobs(run), [0, 0, 1]);
    await run.forward();
    await run.forward();
    close(await blobs(run), [4, 20 / 3, 1]);
    iteration = 1;
    run.bottoms[0]!.data.hostWrite().set([0, 0, 0, 0]);
    await run.forward();
    close(await blobs(run), [3, 5, 1]);
  });

  test('uses the running statistics in TEST, then scale and bias', async () => {
    const each = { ...four, phase: 'TEST' as const };
    const three = { 0: { values: [3] }, 1: { values: [4] } };
    close(await topOf(BatchNormLayer, { ...each, blobs: three }), [-1, 0, 1, 2]);
    const five = { ...three, 3: { values: [10] }, 4: { values: [1] } };
    close(await topOf(BatchNormLayer, { ...each, param: 'scale_bias: true', blobs: five }), [-9, 1, 11, 21]);
  });

  test('gives weights that nobody has trained a variance of 0: divides by √eps', async () => {
    close(await topOf(BatchNormLayer, { ...four, param: 'eps: 0.01', phase: 'TEST' }), [10, 30, 50, 70]);
  });

  test('eps is 1e-5 at least', async () => {
    const each = { ...four, param: 'eps: 1e-8', phase: 'TEST' as const, values: values([1e-3]) };
    close(await topOf(BatchNormLayer, each), Array(4).fill(1e-3 / Math.sqrt(1e-5)));
  });

  test('makes scale and bias where a filler is given, and forces the multipliers', async () => {
    const run = await setUpLayer(BatchNormLayer, { ...four, param: 'bias_filler { value: 0.5 }' });
    expect(await blobs(run)).toEqual([0, 0, 1, 1, 0.5]);
    expect([0, 1, 2, 3, 4].map((index) => run.layer.forcedLrMult(index))).toEqual([0, 0, 0, 1, 1]);
  });

  test('passes use_global_stats by where the statistics are averages', async () => {
    const plain = await topOf(BatchNormLayer, four);
    expect(await topOf(BatchNormLayer, { ...four, param: 'use_global_stats: true' })).toEqual(plain);
  });
});

describe("BatchNorm with BVLC's sums", () => {
  const loaded = (mean: number, variance: number, factor: number) => ({
    0: { values: [mean] },
    1: { values: [variance] },
    2: { values: [factor] },
  });

  test('divides by the factor in TEST; a factor of 0 counts as statistics of 0', async () => {
    const each = { ...four, phase: 'TEST' as const };
    close(await topOf(BatchNormLayer, { ...each, blobs: loaded(6, 8, 2) }), [-1, 0, 1, 2]);
    close(await topOf(BatchNormLayer, { ...each, param: 'eps: 0.01', blobs: loaded(6, 8, 0) }), [10, 30, 50, 70]);
  });

  test('takes eps as it is given', async () => {
    const each = { ...four, param: 'eps: 1e-8', phase: 'TEST' as const, values: values([1e-4]) };
    close(await topOf(BatchNormLayer, { ...each, blobs: loaded(0, 0, 0) }), Array(4).fill(1));
  });

  test('adds to the sums in TRAIN, from a factor of 0 on, and goes on when the factor passes 1', async () => {
    const run = await setUpLayer(BatchNormLayer, { ...four, param: fraction, blobs: loaded(0, 0, 0) });
    await run.forward();
    close(await blobs(run), [4, 20 / 3, 1]);
    await run.forward();
    close(await blobs(run), [7, 35 / 3, 1.75]);
    await run.forward();
    close(await blobs(run), [9.25, 15.41667, 2.3125]);
  });

  test('honours use_global_stats', async () => {
    const each = { ...four, blobs: loaded(6, 8, 2) };
    close(await topOf(BatchNormLayer, { ...each, param: 'use_global_stats: true' }), [-1, 0, 1, 2]);
    const batch = [-3, -1, 1, 3].map((value) => value / Math.sqrt(5 + 1e-5));
    close(await topOf(BatchNormLayer, { ...each, phase: 'TEST', param: 'use_global_stats: false' }), batch);
  });

  test('computes with averages that are loaded later', async () => {
    const run = await setUpLayer(BatchNormLayer, { ...four, phase: 'TEST', blobs: loaded(6, 8, 2) });
    await run.forward();
    run.layer.blobs[0]!.data.hostWrite()[0] = 3;
    run.layer.blobs[1]!.data.hostWrite()[0] = 4;
    run.layer.blobs[2]!.data.hostWrite()[0] = 1;
    await run.forward();
    close([...(await run.read(run.tops[0]!))], [-1, 0, 1, 2]);
  });

  test('is seen by a test net that shares the weights, and stays sums when the factor passes 1', async () => {
    const text = `
      layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 4 dim: 1 } } }
      layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y" batch_norm_param { ${fraction} eps: 0.01 } }`;
    const options = {
      backend: createReferenceBackend(),
      registry: new LayerRegistry([InputLayer, BatchNormLayer]),
      seed: 1,
    };
    const train = await Net.create(readNet(text), { ...options, phase: Phase.TRAIN });
    const tests = await Net.create(readNet(text), { ...options, phase: Phase.TEST, weightsFrom: train });
    for (const blob of train.layer('bn').layer.blobs) blob.data.hostWrite().fill(0);
    for (const net of [train, tests]) net.blob('x').data.hostWrite().set([1, 3, 5, 7]);
    const testOnce = async (): Promise<number[]> => {
      await tests.forward();
      return [...tests.blob('y').data.hostRead()];
    };
    const expected = (variance: number, mean: number): number[] =>
      [1, 3, 5, 7].map((x) => (x - mean) / Math.sqrt(variance + 0.01));
    close(await testOnce(), expected(0, 0));
    for (const factor of [1, 1.75, 2.3125]) {
      await train.forward();
      expect(train.layer('bn').layer.blobs[2]!.data.hostRead()[0]).toBe(factor);
      close(await testOnce(), expected(20 / 3, 4));
    }
  });

  test('five blobs are never sums', async () => {
    const five = { ...loaded(3, 4, 2), 3: { values: [1] }, 4: { values: [0] } };
    const each = { ...four, param: 'scale_bias: true', phase: 'TEST' as const, blobs: five };
    close(await topOf(BatchNormLayer, each), [-1, 0, 1, 2]);
  });
});

describe('BatchNorm refuses', () => {
  test('a scalar, an empty batch, other channels', async () => {
    expect(await errorOf(BatchNormLayer, { bottoms: [[]] })).toBe(
      'layer "test" (BatchNorm): bottom[0] is a scalar; BatchNorm needs an axis of items, and one of channels',
    );
    expect(await errorOf(BatchNormLayer, { bottoms: [[0, 3]] })).toContain(
      'bottom[0] is 0 3 (0): nothing to normalise',
    );
    const run = await setUpLayer(BatchNormLayer, { bottoms: [[2, 3]] });
    run.bottoms[0]!.reshape([2, 4]);
    await expect(run.forward()).rejects.toThrow('bottom[0] is 2 4 (8), but the statistics are of 3 channels');
  });

  test('the gradient of scale and bias in a TEST net that was not built for it', async () => {
    const run = await setUpLayer(BatchNormLayer, { ...four, param: 'scale_bias: true', phase: 'TEST' });
    Object.assign(run.layer.context, { forceBackward: false });
    run.bottoms[0]!.reshape([2, 1]);
    await run.forward();
    await expect(run.backward()).rejects.toThrow(
      'kept nothing for the gradient of scale and bias in a TEST net; build the net with force_backward: true',
    );
  });

  test('nothing of one axis: it is one channel', async () => {
    close(
      await topOf(BatchNormLayer, { bottoms: [[4]], values: values([1, 3, 5, 7]) }),
      [-3, -1, 1, 3].map((value) => value / Math.sqrt(5 + 1e-5)),
    );
  });
});
