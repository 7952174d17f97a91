import { RandomStream } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { Quantizer } from '../quantizer.ts';
import type { QuantizationFields } from '../settings.ts';
import { everyLayer } from '../testing/every-layer.ts';
import { setBlob, setParam, smallNet } from '../testing/small-net.ts';
import { compareWithIntegers } from './compare.ts';
import { IntegerNet } from './integer-net.ts';
import { requantize, shifted } from './requantize.ts';
import { type Accumulated, fixedPoint } from './value.ts';

describe('shifted', () => {
  it.each([
    [5, 1, 'gpu', 2],
    [7, 1, 'gpu', 4],
    [-5, 1, 'gpu', -2],
    [-7, 1, 'gpu', -4],
    [5, 1, 'cpu', 3],
    [-5, 1, 'cpu', -3],
    [6, 2, 'gpu', 2],
    [5, 2, 'gpu', 1],
    [7, 2, 'cpu', 2],
    [-7, 2, 'cpu', -2],
    [9, 0, 'gpu', 9],
  ] as const)('%d >> %d, %s: %d', (total, shift, rounding, wanted) => {
    expect(shifted(total, shift, rounding)).toBe(wanted);
    expect(shifted(BigInt(total), shift, rounding)).toBe(wanted);
  });

  it('numbers and big numbers agree (seed 3)', () => {
    const random = new RandomStream(3);
    for (let i = 0; i < 2000; i++) {
      const total = Math.floor(random.uniform(-(2 ** 40), 2 ** 40));
      const shift = random.integer(36);
      for (const rounding of ['gpu', 'cpu'] as const) {
        expect(shifted(BigInt(total), shift, rounding), `${total} >> ${shift}`).toBe(shifted(total, shift, rounding));
      }
    }
  });
});

describe('requantize', () => {
  const sums = (values: number[], factor: number, more: Partial<Accumulated> = {}): Accumulated => ({
    ...{ kind: 'accumulated', shape: [1, 1, values.length] },
    terms: [{ sums: Float64Array.from(values), factors: Float64Array.of(factor) }],
    add: Float64Array.of(0),
    ...more,
  });
  const format = { scale: 2, offset: 0, bitwidth: 8, unsigned: false, rounding: 'gpu' } as const;

  it('multiplies, rounds and clips', () => {
    expect([...requantize(sums([3, 5, 1000, -1000], 0.25), format).codes]).toEqual([2, 2, 127, -128]);
    const added = sums([3, 5], 0.25, { add: Float64Array.of(0.5) });
    expect([...requantize(added, { ...format, offset: 10 }).codes]).toEqual([12, 14]);
  });

  it('bends values below zero, wherever zero lies', () => {
    const leaky = (slope: number) => sums([-8, 8], 1, { slopes: Float64Array.of(slope) });
    expect([...requantize(leaky(0), format).codes]).toEqual([0, 16]);
    expect([...requantize(leaky(0.25), { ...format, offset: 3 }).codes]).toEqual([-1, 19]);
    expect([...requantize(leaky(-1), format).codes]).toEqual([16, 16]);
  });

  it('is exact beyond 2^53', () => {
    const large = sums([2 ** 40 + 1], 3 * 2 ** -40);
    expect([...requantize(large, format).codes]).toEqual([6]);
  });
});

it('floats become 24-bit integers; whole numbers stay', () => {
  expect(fixedPoint([3, -255], [2])).toMatchObject({ scale: 1, codes: Float64Array.of(3, -255) });
  expect(fixedPoint([0.3, -1.5], [2])).toMatchObject({
    scale: 2 ** 22,
    codes: Float64Array.of(Math.round(0.3 * 2 ** 22), -1.5 * 2 ** 22),
  });
  expect(fixedPoint([0, Number.NaN], [2])).toMatchObject({ scale: 1, codes: Float64Array.of(0, 0) });
});

describe('every layer with an integer form', () => {
  it.each([
    ['defaults', {}],
    ['no offsets', { applyOffsetWeights: false }],
    ['all offsets', { applyOffsetActivations: true }],
    ['few bits', { bitwidthWeights: 4, bitwidthActivations: 5, bitwidthBias: 6 }],
    ['powers of two', { power2ScaleWeights: true, power2ScaleActivations: true, applyOffsetWeights: false }],
    ['weights by channel', { applyOffsetWeights: false }, true],
    ['weights by channel with offsets, few bits', { bitwidthWeights: 4 }, true],
  ] as [string, QuantizationFields, boolean?][])(
    '%s: within one code of the simulation, layer by layer (seed 21)',
    async (_name, settings, weightsByChannel) => {
      const random = new RandomStream(21);
      const net = await smallNet(everyLayer, { seed: 21 });
      const values = (count: number, low: number, high: number) =>
        Array.from({ length: count }, () => random.uniform(low, high));
      for (const [blob, range] of [
        [0, [-1, 1]],
        [1, [0.5, 2]],
        [3, [0.5, 2]],
        [4, [-1, 1]],
      ] as const) {
        setParam(net, 'bn', blob, values(6, range[0], range[1]));
      }
      setParam(net, 'bias', 0, [-100, -90, -110, -120]);
      const quantizer = new Quantizer({ settings, weightsByChannel });
      net.use(quantizer);
      for (let pass = 0; pass < 4; pass++) {
        setBlob(
          net,
          'x',
          Array.from({ length: 2 * 4 * 7 * 6 }, () => random.integer(256)),
        );
        await net.forward();
      }
      const { outputs, floatLayers } = compareWithIntegers(net, quantizer);
      expect(floatLayers).toEqual(['prob']);
      const layers = ['bias', 'r1', 'p2', 'max', 'sum', 'ave', 'mp', 'cat', 'scale', 'fc'];
      expect(outputs.map(({ layer }) => layer)).toEqual(layers);
      for (const { layer, worst, differing, count, byFloat, fromTie } of outputs) {
        expect(worst, layer).toBeLessThanOrEqual(1);
        expect(byFloat, layer).toBeLessThanOrEqual(differing);
        expect(fromTie, layer).toBeLessThan(0.001);
        expect(differing, layer).toBeLessThanOrEqual(Math.ceil(count * 0.01));
      }
      await net.dispose();
    },
  );

  it('names layers whose sums need more than 32 bits', async () => {
    const net = await smallNet(`quantize: true
      layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 9000 } } }
      layer { name: "fc" type: "InnerProduct" bottom: "x" top: "fc" inner_product_param { num_output: 1 weight_filler { type: "constant" value: 1 } } }`);
    const quantizer = new Quantizer({ settings: { bitwidthWeights: 16, applyOffsetWeights: false } });
    net.use(quantizer);
    for (let pass = 0; pass < 3; pass++) {
      setBlob(
        net,
        'x',
        Array.from({ length: 9000 }, (_, i) => 200 + (i % 50)),
      );
      await net.forward();
    }
    expect(compareWithIntegers(net, quantizer).wideLayers).toEqual(['fc']);
  });

  it('knows values that only float sums move across a tie', async () => {
    const net = await smallNet(`quantize: true
      layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 2 } } }
      layer { name: "fc" type: "InnerProduct" bottom: "x" top: "fc" inner_product_param { num_output: 1 bias_term: false } }`);
    setParam(net, 'fc', 0, [1, 1]);
    const quantizer = new Quantizer({ settings: { applyOffsetWeights: false } });
    net.use(quantizer);
    for (let pass = 0; pass < 4; pass++) {
      setBlob(net, 'x', [100, 27]);
      await net.forward();
    }
    const fc = net.layers.find(({ name }) => name === 'fc')!;
    const { scaleTarget } = quantizer.layerParams[fc.index]!.qparamOut[0]!;
    // as if float sums had moved the value: one code below
    fc.tops[0]!.data.hostUpdate<Float32Array>()[0]! -= 1 / scaleTarget;
    const [report] = compareWithIntegers(net, quantizer).outputs;
    expect(report).toMatchObject({ layer: 'fc', differing: 1, worst: 1, byFloat: 1 });
  });

  it('follows the simulation where a layer in float is overwritten in place', async () => {
    const net = await smallNet(`quantize: true
      layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 2 } } }
      layer { name: "scale" type: "Scale" bottom: "x" top: "x" }
      layer { name: "relu" type: "ReLU" bottom: "x" top: "y" }
      layer { name: "soft" type: "Softmax" bottom: "y" top: "z" }
      layer { name: "power" type: "Scale" bottom: "z" top: "z" }
      layer { name: "fc" type: "InnerProduct" bottom: "z" top: "fc" inner_product_param { num_output: 1 weight_filler { type: "constant" value: 1 } } }`);
    setParam(net, 'scale', 0, [3, 5]);
    setParam(net, 'power', 0, [7, 9]);
    const quantizer = new Quantizer();
    net.use(quantizer);
    for (let pass = 0; pass < 4; pass++) {
      setBlob(net, 'x', [0.3, 0.17]);
      await net.forward();
    }
    const { outputs, floatLayers } = compareWithIntegers(net, quantizer);
    expect(floatLayers).toEqual(['scale', 'soft', 'power']);
    expect(outputs.map(({ layer, worst }) => [layer, worst])).toEqual([
      ['relu', 0],
      ['fc', 0],
    ]);
    const integers = new IntegerNet(net, quantizer, { int8: null });
    expect(integers.compare()).toMatchObject({ outputs, floatLayers });
    integers.dispose();
  });

  it('refuses the pass that still had float weights', async () => {
    const net = await smallNet(everyLayer);
    const quantizer = new Quantizer();
    net.use(quantizer);
    for (let pass = 0; pass < 2; pass++) await net.forward();
    expect(() => compareWithIntegers(net, quantizer)).toThrow(
      'the weights were rounded only at the end of this pass: it ran with float weights; run one pass more before comparing',
    );
  });
});
