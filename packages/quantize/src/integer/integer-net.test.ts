import { type Backend, createCpuBackend, RandomStream } from '@jacinto/core-tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Quantizer, type QuantizerOptions } from '../quantizer.ts';
import { everyLayer } from '../testing/every-layer.ts';
import { setBlob, setParam, smallNet } from '../testing/small-net.ts';
import { compareWithIntegers } from './compare.ts';
import { IntegerNet } from './integer-net.ts';

const shapeOf = { x: 2 * 4 * 7 * 6 };
const bytes = (random: RandomStream, count: number): number[] =>
  Array.from({ length: count }, () => random.integer(256));

let backend: Backend;
beforeAll(async () => {
  backend = await createCpuBackend({ threads: 2 });
});
afterAll(() => backend.dispose());

async function simulated(options: QuantizerOptions, text = everyLayer, count = shapeOf.x) {
  const random = new RandomStream(33);
  const net = await smallNet(text, { seed: 33 });
  if (text === everyLayer) {
    const values = (low: number, high: number) => Array.from({ length: 6 }, () => random.uniform(low, high));
    setParam(net, 'bn', 0, values(-1, 1));
    setParam(net, 'bn', 1, values(0.5, 2));
    setParam(net, 'bn', 3, values(0.5, 2));
    setParam(net, 'bn', 4, values(-1, 1));
    setParam(net, 'bias', 0, [-100, -90, -110, -120]);
  }
  const quantizer = new Quantizer(options);
  net.use(quantizer);
  const pass = async (input = bytes(random, count)): Promise<void> => {
    setBlob(net, 'x', input);
    await net.forward();
  };
  for (let i = 0; i < 4; i++) await pass();
  return { net, quantizer, pass };
}

describe('an integer net on kernels', () => {
  it.each([
    ['defaults', {}, ['scale']],
    ['no offsets', { settings: { applyOffsetWeights: false } }, ['scale']],
    ['all offsets', { settings: { applyOffsetActivations: true } }, undefined],
    ['few bits', { settings: { bitwidthWeights: 4, bitwidthActivations: 5, bitwidthBias: 6 } }, undefined],
    ['many bits', { settings: { bitwidthWeights: 12, bitwidthActivations: 12 } }, undefined],
    ['powers of two', { settings: { power2ScaleWeights: true, power2ScaleActivations: true } }, undefined],
    ['weights by channel', { settings: { applyOffsetWeights: false }, weightsByChannel: true }, ['scale']],
    ['weights by channel with offsets', { weightsByChannel: true }, undefined],
    ['away from zero', { rounding: 'cpu' }, undefined],
  ] as [string, QuantizerOptions, string[] | undefined][])(
    '%s: equals the plain loops bit for bit, layer by layer and through the net (seed 33)',
    async (_name, options, slow) => {
      const { net, quantizer, pass } = await simulated({ settings: {}, ...options });
      const { rounding } = options;
      const integers = new IntegerNet(net, quantizer, { rounding, int8: backend.int8! });
      for (let i = 0; i < 3; i++) {
        for (const isolated of [true, false]) {
          const judge = compareWithIntegers(net, quantizer, { rounding, isolated });
          const found = integers.compare({ isolated });
          expect([...found.codes.keys()]).toEqual([...judge.codes.keys()]);
          for (const [layer, { codes }] of judge.codes) expect(found.codes.get(layer)!.codes, layer).toEqual(codes);
          expect(found.outputs).toEqual(judge.outputs);
          expect(found.floatLayers).toEqual(judge.floatLayers);
        }
        await pass(); // ranges move
      }
      if (slow !== undefined) expect(integers.slowLayers).toEqual(slow);
      integers.dispose();
      await net.dispose();
    },
  );
});
