import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equals, type NetParameter, parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { type QuantizeEvent, quantizeEventText } from './events.ts';
import { outputModelText } from './output-model.ts';
import { Quantizer } from './quantizer.ts';
import { GoldenNet, goldenFolder, variants } from './testing/golden-net.ts';
import { hasGolden } from './testing/shared.ts';

const compat = 'caffe-jacinto-0.17' as const;
const roundingOf = (name: string) => (name.endsWith('__gpu_rounding') ? 'gpu' : 'cpu');

const loggedLines = (name: string): string[] =>
  readFileSync(join(goldenFolder, `${name}.log`), 'utf8')
    .split('\n')
    .flatMap((line) => /^[IW]\d.*?\] (.*)$/.exec(line)?.[1] ?? []);

describe.skipIf(!hasGolden)('nets that real caffe-jacinto 0.17 quantized (skipped where ../shared is absent)', () => {
  // Their blobs in, so that no rounding of a convolution blurs the comparison: ranges, scales, offsets and weights exact.
  it.each(variants)('%s: fields, weights, text and log from their blobs', async (name) => {
    const golden = await GoldenNet.load(name);
    const { net } = golden;
    const events: QuantizeEvent[] = [];
    const quantizer = new Quantizer({ rounding: roundingOf(name), compat, onEvent: (event) => events.push(event) });
    for (let k = 0; k < golden.forwards; k++) {
      quantizer.beforeForward(net);
      for (const layer of net.layers) await quantizer.afterLayerForward(layer, net);
      for (const { name: param, ours, theirs } of golden.params(k)) expect(ours, `${param}, pass ${k}`).toEqual(theirs);
      golden.setResults(k);
      await quantizer.afterForward(net);
    }
    const message = net.toProto();
    quantizer.onSave(message, net);
    const ours = parseText('NetParameter', outputModelText(message));
    const theirs = parseText('NetParameter', readFileSync(join(goldenFolder, `${name}.out.prototxt`), 'utf8'));
    expectSameNet(ours, theirs);
    expect(events.map(quantizeEventText)).toEqual(loggedLines(name));
    await net.dispose();
  });

  it('display1: the log of every pass', async () => {
    const recorded = await GoldenNet.load('display1', 'default');
    const events: QuantizeEvent[] = [];
    const quantizer = new Quantizer({ rounding: 'cpu', compat, onEvent: (event) => events.push(event) });
    for (let k = 0; k < recorded.forwards; k++) {
      quantizer.beforeForward(recorded.net);
      recorded.setResults(k);
      await quantizer.afterForward(recorded.net);
    }
    const lines = loggedLines('display1');
    expect(lines.filter((line) => line.startsWith('Quantizing the net')).length).toBe(recorded.forwards - 1);
    expect(events.map(quantizeEventText)).toEqual(lines);
    await recorded.net.dispose();
  });

  it.each(variants)('%s: run by the net itself', async (name) => {
    const golden = await GoldenNet.load(name);
    const quantizer = new Quantizer({ rounding: roundingOf(name), compat });
    golden.net.use(quantizer);
    let steps = 0;
    let values = 0;
    for (let k = 0; k < golden.forwards; k++) {
      golden.setInputs(k);
      await golden.net.forward();
      for (const { name: param, ours, theirs } of golden.params(k)) expect(ours, `${param}, pass ${k}`).toEqual(theirs);
      for (const { name: blob, ours, theirs } of golden.blobs(k)) {
        const { apart, worst } = compareBlob(ours, theirs, stepOf(golden, quantizer, blob));
        expect(worst, `${blob}, pass ${k}: ${apart} values`).toBe('');
        steps += apart;
        values += ours.length;
      }
    }
    // The finer the step, the more sums of float32 (24 bits, some lost on the way) lie on an edge.
    const bits = golden.net.param.netQuantizationParam?.bitwidthActivations ?? 8;
    expect(steps, `values a step apart, of ${values}`).toBeLessThanOrEqual(values * Math.max(0.002, 2 ** (bits - 23)));
    await golden.net.dispose();
  });
});

/** A step of the coarsest quantized blob up to the last layer that makes this one; 0 where nothing is quantized. */
function stepOf({ net }: GoldenNet, quantizer: Quantizer, blob: string): number {
  const last = net.layers.findLastIndex(({ topNames }) => topNames.includes(blob));
  let step = 0;
  for (const params of quantizer.layerParams.slice(0, last + 1)) {
    for (const q of params?.qparamOut ?? []) if (q.quantize) step = Math.max(step, 1 / q.scaleTarget);
  }
  return step;
}

function compareBlob(ours: Float32Array, theirs: Float32Array, step: number): { apart: number; worst: string } {
  const size = theirs.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  let apart = 0;
  let worst = '';
  ours.forEach((value, i) => {
    const difference = Math.abs(value - theirs[i]!);
    if (difference <= 1e-5 * Math.max(size, 1)) return;
    apart++;
    if (!(difference <= 1.001 * step)) worst = `value ${i} is ${value}, not ${theirs[i]}; a step is ${step}`;
  });
  return { apart, worst };
}

function expectSameNet(ours: NetParameter, theirs: NetParameter): void {
  for (const [i, layer] of theirs.layer.entries()) {
    if (!equals(ours.layer[i]!, layer)) expect({ ...ours.layer[i] }, layer.name).toEqual({ ...layer });
    expect(equals(ours.layer[i]!, layer), layer.name).toBe(true);
  }
  expect(equals(ours, theirs)).toBe(true);
}
