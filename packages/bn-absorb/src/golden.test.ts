import { readFileSync } from 'node:fs';
import { createCpuBackend } from '@jacinto/core-tensor';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry, Net } from '@jacinto/net';
import { blobValues, equals, makeBlob, type NetParameter, printText, readNet, readWeights } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { absorbBatchNorm } from './index.ts';
import { cases, golden, hasGolden, recorded } from './testing/shared.ts';

const compat = 'caffe-jacinto-0.17';
const options = {
  backend: await createCpuBackend({ threads: 1 }),
  registry: new LayerRegistry(standardLayers),
  phase: 1,
};
const read = (name: string, file: string): NetParameter =>
  file.endsWith('.caffemodel')
    ? readWeights(readFileSync(`${golden}/${name}/${file}`))
    : readNet(readFileSync(`${golden}/${name}/${file}`, 'utf8'));

/** Outputs of a net with weights on a recorded input, by blob. */
async function run(
  net: NetParameter,
  weights: NetParameter,
  name: string,
  inputsOf: 'before' | 'in_memory' = 'before',
) {
  const { json, values } = recorded(name, inputsOf);
  const built = await Net.create(net, options);
  built.copyTrainedFrom(weights);
  for (const input of json.forwards[0]!.inputs) built.blob(input.blob!).data.hostWrite().set(values(input));
  await built.forward();
  const outputs = new Map(built.outputs.map(({ name: blob, tensor }) => [blob, tensor.data.hostRead().slice()]));
  await built.dispose();
  return outputs;
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = Math.abs(a.length - b.length);
  let largest = 1e-30;
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return difference / largest;
}

describe.skipIf(!hasGolden)('numbers of caffe-jacinto 0.17 (skipped where ../shared is absent)', () => {
  it.each(cases)('%s: weights bit for bit, from the files alone', (name) => {
    const { weights } = absorbBatchNorm(read(name, 'before.prototxt'), read(name, 'before.caffemodel'), { compat });
    const after = read(name, 'after.caffemodel');
    const expected = after.layer.filter((layer) => layer.blobs.length > 0);
    expect(weights.layer.filter((layer) => layer.blobs.length > 0).map((layer) => layer.name)).toEqual(
      expected.map((layer) => layer.name),
    );
    for (const layer of expected) {
      const own = weights.layer.find((candidate) => candidate.name === layer.name)!;
      expect(own.blobs.length, layer.name).toBe(layer.blobs.length);
      layer.blobs.forEach((blob, i) => {
        expect(blobValues(own.blobs[i]!), `${layer.name} blob ${i}`).toEqual(blobValues(blob));
        expect(own.blobs[i]!.shape, `${layer.name} blob ${i}`).toEqual(blob.shape);
      });
    }
  });

  it.each(cases)('%s: both files message by message, from a built net', async (name) => {
    const net = await Net.create(read(name, 'before.prototxt'), options);
    net.copyTrainedFrom(read(name, 'before.caffemodel'));
    const absorbed = absorbBatchNorm(net.toProto(), undefined, { compat });
    await net.dispose();
    const prototxt = read(name, 'after.prototxt');
    expect(printText('NetParameter', absorbed.net)).toBe(printText('NetParameter', prototxt));
    expect(equals(absorbed.net, prototxt)).toBe(true);
    expect(equals(absorbed.weights, read(name, 'after.caffemodel'))).toBe(true);
  });

  it.each(cases)('%s: outputs after, by default, equal those before', async (name) => {
    const net = read(name, 'before.prototxt');
    const weights = read(name, 'before.caffemodel');
    const before = await run(net, weights, name);
    for (const remove of [false, true]) {
      const absorbed = absorbBatchNorm(net, weights, { remove });
      const after = await run(absorbed.net, absorbed.weights, name);
      expect([...after.keys()]).toEqual([...before.keys()]);
      for (const [blob, values] of before) expect(worst(after.get(blob)!, values), blob).toBeLessThan(2e-6);
    }
  });

  it.each(cases)('%s: outputs in memory under compat', async (name) => {
    const { json, values } = recorded(name, 'in_memory');
    const absorbed = absorbBatchNorm(read(name, 'before.prototxt'), read(name, 'before.caffemodel'), {
      compat,
      inMemory: true,
    });
    // 0.17 ignores BatchNorm's factor at run time as well; @jacinto/layers takes any but 1 as BVLC's.
    for (const { type, blobs } of absorbed.weights.layer) if (type === 'BatchNorm') blobs[2] = makeBlob([1], [1]);
    const outputs = await run(absorbed.net, absorbed.weights, name, 'in_memory');
    for (const [blob, own] of outputs) {
      const expected = json.forwards[0]!.blobs_after.find((entry) => entry.blob === blob)!;
      expect(worst(own, values(expected)), blob).toBeLessThan(1e-5);
    }
  });
});
