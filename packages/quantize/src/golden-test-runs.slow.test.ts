import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { parseText, type QuantizationParameter_QParams as QParams } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { describe, expect, it } from 'vitest';
import { outputModelText } from './output-model.ts';
import { Quantizer } from './quantizer.ts';
import type { RunnableNet } from './report/runner.ts';
import { golden, hasGolden, sharedFolder } from './testing/shared.ts';

const caffe = fileURLToPath(new URL('../../caffe/dist/index.js', import.meta.url));
const folder = join(golden, 'sparse_train');

interface Caffe {
  createRegistry(): unknown;
  Net: {
    create(param: unknown, options: object): Promise<RunnableNet & { copyTrainedFrom(weights: unknown): void }>;
  };
}

/** "Batch k, blob = value" lines: values by blob. */
function loggedBatches(name: string): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const [, blob, value] of readFileSync(join(folder, `${name}.log`), 'utf8').matchAll(
    /Batch \d+, (\w+) = (\S+)/g,
  )) {
    found[blob!] ??= [];
    found[blob!]!.push(Number(value));
  }
  return found;
}

describe.skipIf(!hasGolden || !existsSync(caffe))(
  '`caffe test` of a quantized net by real caffe-jacinto (skipped where ../shared is absent or caffe is not built)',
  () => {
    it.each(['test_quantize', 'test_quantize_device'])('%s: each batch, and the saved fields', async (name) => {
      const { Net, createRegistry } = (await import(caffe)) as Caffe;
      const backend: Backend = await createCpuBackend({ threads: 1 });
      const options = { backend, registry: createRegistry(), phase: 1, baseFolder: join(sharedFolder, 'golden/files') };
      const net = await Net.create(readNetFile(join(folder, `${name}.prototxt`)), options);
      net.copyTrainedFrom(readWeightsFile(join(folder, 'sparse_iter_60.caffemodel')));
      net.use(new Quantizer({ rounding: 'cpu', compat: 'caffe-jacinto-0.17' }));
      const logged = loggedBatches(name);
      expect(logged['loss']).toHaveLength(8);
      for (let batch = 0; batch < 8; batch++) {
        await net.forward();
        for (const blob of ['accuracy', 'loss']) {
          const ours = net.blobs.get(blob)!.data.hostRead()[0]!;
          // values that another summation order puts on the other side of a rounding edge move the loss a little
          expect(Math.abs(ours - logged[blob]![batch]!), `batch ${batch}, ${blob}`).toBeLessThan(1e-4);
        }
      }
      const ours = parseText('NetParameter', outputModelText(net.toProto()));
      const theirs = parseText('NetParameter', readFileSync(join(folder, `${name}_out.prototxt`), 'utf8'));
      expect(ours.name).toBe(theirs.name);
      expect(ours.layer.map((layer) => layer.name)).toEqual(theirs.layer.map((layer) => layer.name));
      for (const [i, layer] of theirs.layer.entries()) {
        for (const list of ['qparamIn', 'qparamW', 'qparamOut'] as const) {
          const found = ours.layer[i]!.quantizationParam![list];
          const wanted = layer.quantizationParam![list];
          expect(found.length, `${layer.name} ${list}`).toBe(wanted.length);
          for (const [k, q] of wanted.entries()) expectClose(found[k]!, q, `${layer.name} ${list} ${k}`);
        }
      }
      await net.dispose();
      await backend.dispose();
    });
  },
);

/** Whole fields equal, ranges and scales to 2e-4: both nets computed their own convolutions. */
function expectClose(ours: QParams, theirs: QParams, place: string): void {
  for (const field of ['quantize', 'bitwidth', 'fracbits', 'shiftbits', 'unsignedData', 'unsignedQuant'] as const) {
    expect(ours[field], `${place} ${field}`).toBe(theirs[field]);
  }
  for (const field of ['scaleTarget', 'scaleApplied', 'offset', 'min', 'max'] as const) {
    const [a, b] = [ours[field], theirs[field]];
    if (!Number.isFinite(b)) expect(a, `${place} ${field}`).toBe(b);
    else expect(Math.abs(a - b), `${place} ${field}`).toBeLessThanOrEqual(2e-4 * Math.abs(b));
  }
}
