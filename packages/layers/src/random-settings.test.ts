import { createCpuBackend, RandomStream } from '@jacinto/core-tensor';
import { checkLayer, type LayerCase, setUpLayer } from '@jacinto/net/testing';
import { CaffeError } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { ConvolutionLayer } from './convolution.ts';
import { DeconvolutionLayer } from './deconvolution.ts';
import { PoolingLayer } from './pooling.ts';

// Settings drawn at random: each is either refused by a CaffeError or computes what the reference backend does, with
// the gradient of finite differences. The seed is in the name of each test.
const backend = await createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const seeds = Array.from({ length: 30 }, (_, i) => 1000 + i);
const between = (random: RandomStream, low: number, high: number): number => low + random.integer(high - low + 1);

function convolutionCase(random: RandomStream): LayerCase {
  const spatial = between(random, 1, 3);
  const group = between(random, 1, 3);
  const channels = group * between(random, 1, 2);
  const list = (low: number, high: number): string =>
    `[${Array.from({ length: spatial }, () => between(random, low, high)).join(', ')}]`;
  const param =
    `num_output: ${group * between(random, 1, 3)} group: ${group} kernel_size: ${list(1, 3)} stride: ${list(1, 3)} ` +
    `pad: ${list(0, 2)} dilation: ${list(1, 2)} bias_term: ${random.bernoulli(0.5)} ` +
    'weight_filler { type: "gaussian" std: 0.4 } bias_filler { type: "gaussian" }';
  const lengths = Array.from({ length: spatial }, () => between(random, 1, spatial === 3 ? 4 : 6));
  return { param, bottoms: [[between(random, 1, 2), channels, ...lengths]] };
}

function poolingCase(random: RandomStream): LayerCase {
  const average = random.bernoulli(0.5);
  const one = (low: number, high: number): number => between(random, low, high);
  const param =
    `pool: ${average ? 'AVE' : 'MAX'} kernel_h: ${one(1, 4)} kernel_w: ${one(1, 4)} ` +
    `stride_h: ${one(1, 4)} stride_w: ${one(1, 4)} pad_h: ${one(0, 2)} pad_w: ${one(0, 2)}`;
  return { param, bottoms: [[one(1, 2), one(1, 2), one(1, 7), one(1, 7)]], ...(average ? {} : { kinks: 'ties' }) };
}

const layers = [
  ['Convolution', ConvolutionLayer, convolutionCase],
  ['Deconvolution', DeconvolutionLayer, convolutionCase],
  ['Pooling', PoolingLayer, poolingCase],
] as const;

describe.each(layers)('%s', (_, layerClass, draw) => {
  let computed = 0;

  test.each(seeds)('seed %i', async (seed) => {
    const each = { ...draw(new RandomStream(seed)), seed };
    try {
      await (await setUpLayer(layerClass, each)).dispose();
    } catch (error) {
      expect(error, JSON.stringify(each)).toBeInstanceOf(CaffeError);
      return;
    }
    computed++;
    await checkLayer(layerClass, each, { backend });
  });

  test('most settings were legal', () => {
    expect(computed).toBeGreaterThan(seeds.length / 2);
  });
});
