import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry, Net } from '@jacinto/net';
import { parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { drawLayers } from './draw.ts';
import { measure } from './measure.ts';
import type { RunnableNet, Runner } from './runner.ts';
import { sweep } from './sweep.ts';
import { integerTable, layerTable, scoreTable, sweepTable, textTable } from './table.ts';

/** Nets of standard layers; data are the DummyData layer's, the same in each pass. */
const runner: Runner = {
  async createNet(param, weights) {
    const registry = new LayerRegistry(standardLayers);
    const net: RunnableNet & Net = await Net.create(param, {
      backend: createReferenceBackend(),
      registry,
      phase: 1,
      seed: 5,
    });
    net.copyTrainedFrom(weights);
    return net;
  },
};

const text = `name: "small"
layer { name: "x" type: "DummyData" top: "x" top: "label" dummy_data_param {
  shape { dim: 6 dim: 3 dim: 4 dim: 4 } shape { dim: 6 }
  data_filler { type: "gaussian" std: 1 } data_filler { type: "constant" value: 1 } } }
layer { name: "c" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "xavier" } } }
layer { name: "r" type: "ReLU" bottom: "c" top: "c" }
layer { name: "fc" type: "InnerProduct" bottom: "c" top: "fc" inner_product_param { num_output: 5 weight_filler { type: "xavier" } } }`;

async function model() {
  const param = parseText('NetParameter', text);
  const net = await runner.createNet(param, parseText('NetParameter', ''));
  return { param, weights: net.toProto() };
}

describe('measure', () => {
  it('reports each quantized blob, scores and sizes; more bits lose less', async () => {
    const { param, weights } = await model();
    const passes: string[] = [];
    const onPass = (done: number, total: number) => passes.push(`${done}/${total}`);
    // pictures differ from pass to pass: room for all, so that nothing is clipped
    const settings = { rangeExpansionFactor: 4 };
    const found = await measure(runner, param, weights, { batches: 2, labelled: true, onPass, settings });
    expect(passes).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(found.layers.map(({ layer, kind, bitwidth }) => `${layer} ${kind} ${bitwidth}`)).toEqual([
      'x output 8',
      ...['c weights 12', 'c bias 16', 'r output 8', 'fc weights 12', 'fc bias 16', 'fc output 8'],
    ]);
    for (const { layer, kind, snr } of found.layers) {
      if (kind === 'bias')
        expect(snr, layer).toBeNaN(); // all zero
      else if (layer !== 'x') expect(snr, `${layer} ${kind}`).toBeGreaterThan(25);
    }
    expect(found.outputSnr).toBe(found.layers.at(-1)!.snr);
    expect(found.scores.map(({ name, exact }) => [name, exact])).toEqual([
      ['fc: same class', 1],
      ['fc: top-1', expect.closeTo(found.scores[1]!.exact, 9)],
    ]);
    const counts = { weights: 4 * 27 + 5 * 16, bias: 4 + 5 };
    expect(found.bytes).toBe(Math.ceil((counts.weights * 12 + counts.bias * 16) / 8));
    expect(found.floatBytes).toBe(4 * (counts.weights + counts.bias));
    expect(found.saved.quantize).toBe(true);
    const coarse = await measure(runner, param, weights, {
      batches: 2,
      settings: { ...settings, bitwidthActivations: 3 },
    });
    expect(coarse.outputSnr).toBeLessThan(found.outputSnr - 10);
  });

  it('by whole numbers too: every layer within one code, and the same classes', async () => {
    const { param, weights } = await model();
    const settings = { rangeExpansionFactor: 4 };
    const { integers } = await measure(runner, param, weights, {
      batches: 2,
      integers: true,
      labelled: true,
      settings,
    });
    expect(integers!.layers.map(({ layer, count }) => [layer, count])).toEqual([
      ['r', 2 * 6 * 4 * 4],
      ['fc', 2 * 6 * 5],
    ]);
    for (const { layer, worst, differing } of integers!.layers) expect([worst, differing], layer).toEqual([0, 0]);
    expect(integers!.sameClass).toBe(1);
    expect(integers!.right).toBe(integers!.rightSimulated);
    expect([integers!.items, integers!.slowLayers]).toEqual([12, ['r', 'fc']]); // the reference backend has no kernels
    const table = integerTable(integers!);
    expect(table).toContain('every layer agrees within one code');
    expect(table).toContain('same class as the simulation: 12 of 12\n');
  });

  it('gives exactly the float net where nothing is quantized', async () => {
    const { param, weights } = await model();
    const settings = { quantizeActivations: false, quantizeWeights: false };
    const found = await measure(runner, param, weights, { batches: 1, settings });
    expect(found.layers).toEqual([]);
    expect(found.outputSnr).toBeNaN();
    expect(found.bytes).toBe(found.floatBytes);
  });

  it('uses the settings of the prototxt, and those given over them', async () => {
    const { weights } = await model();
    const param = parseText(
      'NetParameter',
      `${text} quantize: true net_quantization_param { bitwidth_weights: 5 bitwidth_bias: 6 }`,
    );
    const { layers } = await measure(runner, param, weights, { batches: 1, settings: { bitwidthBias: 7 } });
    expect(layers.filter(({ layer }) => layer === 'c').map(({ bitwidth }) => bitwidth)).toEqual([5, 7]);
  });

  it('refuses no batches', async () => {
    const { param, weights } = await model();
    await expect(measure(runner, param, weights, { batches: 0 })).rejects.toThrow('batches is 0; use 1 or more');
  });
});

it('sweep, tables and picture', async () => {
  const { param, weights } = await model();
  const steps: string[] = [];
  const rows = await sweep(runner, param, weights, [3, 8], { batches: 1 }, ({ bits, option }, done, total) =>
    steps.push(`${done}/${total} ${bits} ${option}`),
  );
  expect(steps[0]).toBe('1/12 3 weight offsets');
  expect(steps.at(-1)).toBe('12/12 8 by channel, KL');
  const table = sweepTable(rows).split('\n');
  expect(table[0]).toBe('bits  options         fc: same class  change  SNR dB  bytes');
  expect(table).toHaveLength(14);
  expect(layerTable(rows.at(-1)!.measured.layers)).toMatch(/weights, \d+ scales/);
  const { measured } = rows.at(-1)!;
  expect(layerTable(measured.layers)).toMatch(
    /^layer +type +what +bits +min +max +scale +offset +SNR dB\nx +DummyData/,
  );
  expect(scoreTable(measured)).toMatch(/size of the weights: \d+ → \d+ bytes, [\d.]+ times smaller\n$/);
  const drawn = drawLayers('a <b>', measured.layers);
  expect(drawn).toContain('a &lt;b&gt;');
  expect(drawn.match(/<rect /g)).toHaveLength(1 + 2 * measured.layers.length);
  expect(drawn).not.toContain('NaN');
});

it('numbers stand to the right, text to the left', () => {
  expect(
    textTable(
      ['a', 'number'],
      [
        ['long', '1'],
        ['x', '-20.5'],
      ],
    ),
  ).toBe('a     number\nlong       1\nx      -20.5\n');
});
