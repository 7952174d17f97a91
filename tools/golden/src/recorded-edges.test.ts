import { Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { Net, NetLayer, NetPlugin } from '@jacinto/net';
import { create } from '@jacinto/proto';
import type { Quantizer } from '@jacinto/quantize';
import { expect, it } from 'vitest';
import { RecordedEdges } from './recorded-edges.ts';

const backend = createReferenceBackend();

/**
 * Runs layers that write one after another into one blob "y", each rounded to a multiple of its step, beside what was
 * recorded of it in the end.
 */
async function beside(recorded: readonly number[], layersOf: readonly { makes: readonly number[]; step: number }[]) {
  const top = new Tensor(backend, [recorded.length]);
  const layers = layersOf.map((_, index) => ({ index, type: 'ReLU', tops: [top], topNames: ['y'] }));
  const plugins: NetPlugin[] = [];
  const net = { layers, use: (plugin: NetPlugin) => plugins.push(plugin) } as unknown as Net;
  const quantizer = {
    layerParams: layersOf.map(({ step }) => {
      const q = create('QuantizationParameter.QParams', { quantize: true, scaleTarget: 1 / step, offset: 0 });
      return create('QuantizationParameter', { qparamOut: [q] });
    }),
    afterLayerForward({ index }: NetLayer) {
      const { step } = layersOf[index]!;
      const data = top.data.hostUpdate();
      for (let i = 0; i < data.length; i++) data[i] = Math.round(data[i]! / step) * step;
    },
  } as unknown as Quantizer;
  const edges = new RecordedEdges();
  edges.follow(net, quantizer);
  edges.expect(new Map([['y', Float32Array.from(recorded)]]));
  for (const [index, { makes }] of layersOf.entries()) {
    top.data.hostWrite().set(makes);
    for (const plugin of plugins) await plugin.afterLayerForward?.(layers[index] as unknown as NetLayer, net);
  }
  const { count, ties, total } = edges;
  return { values: [...(await top.data.read())], count, ties, total };
}

it('a value on an edge of rounding takes the recorded side', async () => {
  const makes = [100, 7.499999, 3, -2.499999];
  const found = await beside([100, 8, 3, -3], [{ makes, step: 1 }]);
  expect(found).toEqual({ values: [100, 8, 3, -3], count: 2, ties: 0, total: 4 });
});

it.each([
  ['off the edge', [100, 8], [100, 7.49]],
  ['near an edge, for a larger blob only', [1, 8], [1, 7.4995]],
  ['two steps apart', [100, 9], [100, 7.499999]],
])('a value %s keeps its difference', async (_, recorded, makes) => {
  const { values, count } = await beside(recorded, [{ makes, step: 1 }]);
  expect({ values, count }).toEqual({ values: makes.map(Math.round), count: 0 });
});

it('ties are counted: they show how ties round', async () => {
  expect(await beside([100, 7], [{ makes: [100, 7.5], step: 1 }])).toMatchObject({ count: 1, ties: 1 });
});

it('a value that lay on an edge before it was overwritten may be that step further', async () => {
  const before = { makes: [100, 7.499999, 4.2], step: 1 };
  // 7 became 7.4 here, 8 became 8.4 there; 4.2 was on no edge
  const after = { makes: [100, 7.4, 4.4], step: 0.5 };
  const { values, count } = await beside([100, 8.5, 5.5], [before, after]);
  expect({ values, count }).toEqual({ values: [100, 8.5, 4.5], count: 1 });
});
