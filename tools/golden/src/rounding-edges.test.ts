import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createOneDnnBackend, findOneDnn } from '@jacinto/backend-onednn';
import { createCpuBackend, Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { Net, NetLayer, NetPlugin } from '@jacinto/net';
import { create } from '@jacinto/proto';
import type { Quantizer } from '@jacinto/quantize';
import { expect, it } from 'vitest';
import { allLayers, findCases, runCase } from './index.ts';
import { RoundingEdges } from './rounding-edges.ts';

const backend = createReferenceBackend();

/** A net of one layer that makes `values`, and a quantizer that rounds them to whole numbers times `step`. */
function netOf(values: readonly number[], step = 1) {
  const top = new Tensor(backend, [values.length]);
  const layer = { index: 0, tops: [top] } as unknown as NetLayer;
  const plugins: NetPlugin[] = [];
  const net = { use: (plugin: NetPlugin) => plugins.push(plugin) } as unknown as Net;
  const q = create('QuantizationParameter.QParams', { quantize: true, scaleTarget: 1 / step, offset: 0 });
  const quantizer = {
    layerParams: [create('QuantizationParameter', { qparamOut: [q] })],
    afterLayerForward() {
      const data = top.data.hostUpdate();
      for (let i = 0; i < data.length; i++) data[i] = Math.round(data[i]! / step) * step;
    },
  } as unknown as Quantizer;
  const run = async (): Promise<number[]> => {
    top.data.hostWrite().set(values);
    for (const plugin of plugins) await plugin.afterLayerForward?.(layer, net);
    return [...(await top.data.read())];
  };
  return { net, quantizer, run };
}

async function beside(theirs: readonly number[], ours: readonly number[], step = 1) {
  const [witness, own] = [netOf(theirs, step), netOf(ours, step)];
  const edges = new RoundingEdges(backend);
  edges.watch(witness.net, witness.quantizer);
  edges.follow(own.net, own.quantizer);
  await witness.run();
  return { values: await own.run(), count: edges.count, total: edges.total };
}

it('a value that both sides put on an edge of rounding takes the side of the witness', async () => {
  const theirs = [100, 7.500001, 3, -2.500001];
  const ours = [100.00001, 7.499999, 3, -2.499999];
  expect(await beside(theirs, ours)).toEqual({ values: [100, 8, 3, -3], count: 2, total: 4 });
  const half = (values: number[]) => values.map((value) => value / 2);
  expect((await beside(half(theirs), half(ours), 0.5)).values).toEqual([50, 4, 1.5, -1.5]);
});

it.each([
  ['off the edge on one side', [100, 7.51], [100, 7.49999]],
  ['off the edge on both', [100, 7.51], [100, 7.49]],
  ['near an edge, for a larger blob only', [1, 7.5005], [1, 7.4995]],
  ['two steps apart', [100, 7.500001], [100, 5.499999]],
])('a value %s keeps its difference', async (_, theirs, ours) => {
  expect(await beside(theirs, ours)).toEqual({ values: ours.map(Math.round), count: 0, total: 2 });
});

const shared = process.env['JACINTO_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared');
const folder = `${shared}/golden/jacinto/quantize`;
const found = await findOneDnn();

it.skipIf(!existsSync(folder) || !found.usable)(
  'quantized nets on oneDNN, 16 bits too (skipped where ../shared or oneDNN is absent)',
  async () => {
    const oneDnn = await createOneDnnBackend({ over: await createCpuBackend({ threads: 1 }) });
    const context = { backend: oneDnn, registry: allLayers() };
    for (const one of findCases(folder).filter(({ kind }) => kind === 'quantize')) {
      expect(await runCase(one, context), one.name).toMatchObject({ status: 'passed' });
    }
    await oneDnn.dispose();
  },
);
