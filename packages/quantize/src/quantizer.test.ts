import { parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { estimate, estimateGuarded } from './estimate.ts';
import { type QuantizeEvent, quantizeEventText } from './events.ts';
import { outputModelText } from './output-model.ts';
import { Quantizer } from './quantizer.ts';
import { paramOf, setBlob, setParam, smallNet, valuesOf } from './testing/small-net.ts';
import { trim } from './trim.ts';

const fcNet = (more: string) => `name: "n" ${more}
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 2 } } }
layer { name: "fc" type: "InnerProduct" bottom: "x" top: "fc" inner_product_param { num_output: 2 } }`;

const weights = [0.5, -0.25, 1, 0.3];
const bias = [0.1, -0.2];

async function fc(more: string, options: { phase?: number } = {}) {
  const net = await smallNet(fcNet(more), options);
  setParam(net, 'fc', 0, weights);
  setParam(net, 'fc', 1, bias);
  return net;
}

const quantized = (values: readonly number[], options: Parameters<typeof estimate>[0]): number[] => {
  const q = estimateGuarded(options);
  const copy = Float32Array.from(values);
  trim(copy, { scale: q.scaleTarget, offset: q.offset, bitwidth: q.bitwidth, unsigned: q.unsignedQuant });
  return [...copy];
};

const rangeOf = (values: readonly number[]) => ({
  min: Math.fround(Math.min(...values)),
  max: Math.fround(Math.max(...values)),
});

describe('a net equals a direct evaluation with quantized tensors', () => {
  it.each([
    ['quantize: true', { weights: 12, activations: 8, bias: 16, power2: false, offset: true }],
    [
      `quantize: true net_quantization_param { bitwidth_weights: 5 bitwidth_activations: 4 bitwidth_bias: 7
        apply_offset_weights: false power2_scale_weights: true power2_scale_activations: true }`,
      { weights: 5, activations: 4, bias: 7, power2: true, offset: false },
    ],
  ])('%s', async (text, { weights: bits, activations, bias: biasBits, power2, offset }) => {
    const net = await fc(text);
    net.use(new Quantizer());
    const input = [1.5, -0.75];
    setBlob(net, 'x', input);
    await net.forward();
    const floatOut = valuesOf(net, 'fc');
    expect(paramOf(net, 'fc', 0)).toEqual(Array.from(weights, Math.fround));
    const { min, max } = rangeOf(floatOut);
    const range = { min: Math.fround(min * 1.25), max: Math.fround(max * 1.25) };
    await net.forward();
    const applied = estimate({ ...rangeOf(weights), bitwidth: bits, power2, applyOffset: offset }).scaleTarget;
    const out = { ...range, bitwidth: activations, power2, unsigned: min >= 0, scaleApplied: applied };
    expect(valuesOf(net, 'fc')).toEqual(quantized(floatOut, out));
    const w = quantized(weights, { ...rangeOf(weights), bitwidth: bits, power2, applyOffset: offset });
    const b = quantized(bias, { ...rangeOf(bias), bitwidth: biasBits, power2, applyOffset: offset });
    expect(paramOf(net, 'fc', 0)).toEqual(w);
    expect(paramOf(net, 'fc', 1)).toEqual(b);
    await net.forward();
    const direct = [0, 1].map((i) => w[2 * i]! * input[0]! + w[2 * i + 1]! * input[1]! + b[i]!);
    const step = 1 / estimate(out).scaleTarget;
    valuesOf(net, 'fc').forEach((value, i) => {
      expect(Math.abs(value - direct[i]!)).toBeLessThanOrEqual(step * 0.55);
    });
    expect(paramOf(net, 'fc', 0)).toEqual(w); // once only
    await net.dispose();
  });
});

const residual = `quantize: true
layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 2 } } }
layer { name: "a" type: "InnerProduct" bottom: "x" top: "a" inner_product_param { num_output: 2 } }
layer { name: "b" type: "InnerProduct" bottom: "x" top: "b" inner_product_param { num_output: 2 } }
layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" }
layer { name: "relu" type: "ReLU" bottom: "sum" top: "sum" }`;

it.each([
  [undefined, { min: -2.5, max: 2.5 }],
  ['caffe-jacinto-0.17' as const, { min: 0, max: 3.75 }],
])('compat %s: the first input of a sum has the range %o', async (compat, wanted) => {
  const net = await smallNet(residual);
  setParam(net, 'a', 0, [1, 0, 0, 1]);
  setParam(net, 'b', 0, [0.5, 0, 0, 0.5]);
  const quantizer = new Quantizer({ compat });
  net.use(quantizer);
  setBlob(net, 'x', [2, -2]);
  await net.forward();
  await net.forward();
  const index = net.layer('a').index;
  expect(quantizer.layerParams[index]!.qparamOut[0]).toMatchObject(wanted);
});

describe('options', () => {
  it('TRAIN rounds stochastically, repeatably from the seed, and both neighbours occur', async () => {
    const text = `${fcNet('quantize: true')} layer { name: "pool" type: "ReLU" bottom: "fc" top: "out" }`;
    const run = async (seed: number): Promise<number[]> => {
      const net = await smallNet(text, { phase: 0, seed });
      setParam(net, 'fc', 0, weights);
      net.use(new Quantizer({ settings: { bitwidthActivations: 2, quantizeWeights: false } }));
      setBlob(net, 'x', [1.5, -0.75]);
      const seen: number[] = [];
      for (let i = 0; i < 20; i++) {
        await net.forward();
        seen.push(...valuesOf(net, 'out'));
      }
      expect(net.toProto().layer[1]!.quantizationParam!.roundingScheme).toBe(1);
      await net.dispose();
      return seen;
    };
    const first = await run(3);
    expect(await run(3)).toEqual(first);
    expect(await run(4)).not.toEqual(first);
    expect(new Set(first.filter((_, i) => i % 2 === 0).slice(1)).size).toBeGreaterThanOrEqual(2);
  });

  it('zero weights and biases stay zero and finite', async () => {
    const net = await fc('quantize: true');
    setParam(net, 'fc', 1, [0, 0]);
    net.use(new Quantizer());
    setBlob(net, 'x', [1, 2]);
    for (let i = 0; i < 3; i++) await net.forward();
    expect(paramOf(net, 'fc', 1)).toEqual([0, 0]);
    expect(valuesOf(net, 'fc').every(Number.isFinite)).toBe(true);
    expect(net.toProto().layer[1]!.quantizationParam!.qparamW[1]).toMatchObject({ scaleTarget: 1, offset: 0 });
  });

  it('compat: an empty range is saved as the original does, but never applied', async () => {
    const events: QuantizeEvent[] = [];
    const net = await fc('quantize: true');
    setParam(net, 'fc', 1, [0, 0]);
    net.use(new Quantizer({ compat: 'caffe-jacinto-0.17', onEvent: (event) => events.push(event) }));
    setBlob(net, 'x', [1, 2]);
    for (let i = 0; i < 3; i++) await net.forward();
    expect(paramOf(net, 'fc', 1)).toEqual([0, 0]);
    const warnings = events.filter(({ type }) => type === 'warning').map(quantizeEventText);
    expect(warnings).toEqual(['layer "fc": a scale of Infinity cannot be applied: its values stay as they are']);
  });

  it('NaN weights are an error that names them', async () => {
    const net = await fc('quantize: true');
    setParam(net, 'fc', 0, [1, Number.NaN, 2, 3]);
    net.use(new Quantizer());
    await expect(Promise.resolve(net.forward())).rejects.toThrow(
      'layer "fc" (InnerProduct): blob 0 has 1 of 4 values that are NaN or infinite; quantize weights of a training that did not diverge',
    );
  });

  it('NaN activations are left out of the ranges, with one warning a layer', async () => {
    const events: QuantizeEvent[] = [];
    const net = await fc('quantize: true');
    net.use(new Quantizer({ onEvent: (event) => events.push(event) }));
    setBlob(net, 'x', [1, Number.POSITIVE_INFINITY]);
    for (let i = 0; i < 3; i++) await net.forward();
    const q = net.toProto().layer[0]!.quantizationParam!.qparamOut[0]!;
    expect([q.min, q.max].every(Number.isFinite)).toBe(true);
    expect(events.flatMap((event) => (event.type === 'warning' ? event.layer : []))).toEqual(['x', 'fc']);
  });

  it('settings given turn a plain net on, and are saved with it', async () => {
    const net = await fc('');
    net.use(new Quantizer({ settings: { bitwidthWeights: 8 } }));
    setBlob(net, 'x', [1, 2]);
    for (let i = 0; i < 2; i++) await net.forward();
    const saved = parseText('NetParameter', outputModelText(net.toProto()));
    expect(saved.name).toBe('n___QUANTIZED__SEE_END_OFTHE_FILE');
    expect(saved.quantize).toBe(true);
    expect(saved.netQuantizationParam).toEqual(parseText('NetQuantizationParameter', 'bitwidth_weights: 8'));
    expect(saved.layer[1]!.quantizationParam!.qparamW[0]!.bitwidth).toBe(8);
  });

  it('a net without quantize is left alone', async () => {
    const net = await fc('');
    net.use(new Quantizer());
    setBlob(net, 'x', [1, 2]);
    for (let i = 0; i < 3; i++) await net.forward();
    expect(valuesOf(net, 'fc')).toEqual([0.5 - 0.5 + 0.1, 1 + 0.6 - 0.2].map((v) => expect.closeTo(v, 5)));
    expect(net.toProto().layer[1]).not.toHaveProperty('quantizationParam.qparamW.0');
  });

  it('disable() returns to float', async () => {
    const net = await fc('quantize: true net_quantization_param { quantize_weights: false bitwidth_activations: 2 }');
    const quantizer = new Quantizer();
    net.use(quantizer);
    setBlob(net, 'x', [1, 2]);
    await net.forward();
    const plain = valuesOf(net, 'fc');
    await net.forward();
    expect(valuesOf(net, 'fc')).not.toEqual(plain);
    quantizer.disable();
    await net.forward();
    expect(valuesOf(net, 'fc')).toEqual(plain);
    expect(quantizer.forwardCount).toBe(3);
  });
});

describe('beyond the original', () => {
  it('weights by channel: each row by its own scale; the saved net says that they are rounded already', async () => {
    const rows = [0.5, -0.25, 100, 30];
    const net = await fc('quantize: true');
    setParam(net, 'fc', 0, rows);
    const quantizer = new Quantizer({
      weightsByChannel: true,
      settings: { bitwidthWeights: 6, applyOffsetWeights: false },
    });
    net.use(quantizer);
    setBlob(net, 'x', [1, 2]);
    for (let i = 0; i < 3; i++) await net.forward();
    const of = (row: readonly number[]) =>
      quantized(row, { ...rangeOf(row), bitwidth: 6, unsigned: rangeOf(row).min >= 0 });
    expect(paramOf(net, 'fc', 0)).toEqual([...of(rows.slice(0, 2)), ...of(rows.slice(2))]);
    const scales = quantizer.channelsRoundedBy[net.layer('fc').index]!.map(({ scaleTarget }) => scaleTarget);
    expect(scales).toEqual([Math.fround(31 / 0.5), Math.fround(63 / 100)]);
    expect(net.toProto().layer[1]!.quantizationParam!.qparamW.map(({ quantize }) => quantize)).toEqual([false, true]);
    await net.dispose();
  });

  it.each([
    ['minmax', {}, 1.25],
    ['kl', {}, 1],
    ['kl', { rangeExpansionFactor: 1.1 }, 1.1],
    ['percentile', {}, 1],
  ] as const)('ranges by %s with settings %o are widened %s times', async (rangeMethod, settings, factor) => {
    const net = await fc('quantize: true');
    const quantizer = new Quantizer({ rangeMethod, percentile: 100, settings });
    net.use(quantizer);
    setBlob(net, 'x', [1, 2]);
    for (let i = 0; i < 2; i++) await net.forward();
    const { max } = quantizer.layerParams[0]!.qparamOut[0]!;
    expect(max).toBeCloseTo(2 * factor, 5);
    await net.dispose();
  });
});
