import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createOneDnnBackend, findOneDnn } from '@jacinto/backend-onednn';
import { createCpuBackend, Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { Net, NetLayer, NetPlugin } from '@jacinto/net';
import { create } from '@jacinto/proto';
import type { Quantizer } from '@jacinto/quantize';
import { expect, it } from 'vitest';
import { EdgeNoise } from './edge-noise.ts';
import { allLayers, findCases, runCase } from './index.ts';
import { distanceFromTie, isOneStep } from './rounding-edges.ts';

const backend = createReferenceBackend();

it('how far a code is from half a step', () => {
  expect(distanceFromTie(3.25, { scaleTarget: 2, offset: 0 })).toBe(0);
  expect(distanceFromTie(-3.25, { scaleTarget: 2, offset: 0.25 })).toBe(0.25);
});

it('one step is one step in float32', () => {
  const step = 1.25 / 65535;
  expect(isOneStep(step * 1.0012, step, 1)).toBe(true);
  expect(isOneStep(step * 1.03, step, 1)).toBe(false);
  expect(isOneStep(1.0012, 1, 127)).toBe(false);
});

/** What a quantizer of whole numbers makes of `values` of one layer, in so many passes. */
async function disturbed(values: readonly number[], passes: number, type = true) {
  const top = new Tensor(backend, [values.length]);
  const layer = { index: 0, tops: [top] } as unknown as NetLayer;
  const plugins: NetPlugin[] = [];
  const net = { use: (plugin: NetPlugin) => plugins.push(plugin) } as unknown as Net;
  const q = create('QuantizationParameter.QParams', { quantize: type, scaleTarget: 1, offset: 0 });
  const quantizer = {
    layerParams: [create('QuantizationParameter', { qparamOut: [q] })],
    afterLayerForward() {
      const data = top.data.hostUpdate();
      for (let i = 0; i < data.length; i++) data[i] = Math.round(data[i]!);
    },
  } as unknown as Quantizer;
  new EdgeNoise(3).follow(net, quantizer);
  const seen: number[][] = [];
  for (let pass = 0; pass < passes; pass++) {
    top.data.hostWrite().set(values);
    for (const plugin of plugins) await plugin.afterLayerForward?.(layer, net);
    for (const plugin of plugins) await plugin.afterForward?.(net, 0);
    seen.push([...(await top.data.read())]);
  }
  return values.map((_, i) => [...new Set(seen.map((row) => row[i]!))].sort((x, y) => x - y));
}

it('noise puts values on an edge of rounding on either side, and no others', async () => {
  const values = [100, 7.50003, -2.49997, 7.51, 7.49];
  expect(await disturbed(values, 20)).toEqual([[100], [7, 8], [-3, -2], [8], [7]]);
  expect(await disturbed(values, 3, false)).toEqual([[100], [8], [-2], [8], [7]]);
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
