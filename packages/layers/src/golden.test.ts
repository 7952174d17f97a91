import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Backend, Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { LayerRegistry, Net } from '@jacinto/net';
import { Phase, parseText } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { standardLayers } from './list.ts';
import { presentBackends } from './testing/backends.ts';

// Numbers that real Caffe computed (format: the folder's README): parameters and inputs go in, every blob, gradient and
// parameter afterwards must agree to 1e-4 of its array's largest value.
const shared = process.env['JACINTO_SHARED'] ?? new URL('../../../../shared', import.meta.url).pathname;
const folder = `${shared}/golden/layers`;
const bound = 1e-4;

interface Recorded {
  blob: string;
  layer: string;
  index: number;
  shape: number[];
  data?: number;
  diff?: number;
}
interface GoldenCase {
  phase: 'TRAIN' | 'TEST';
  params_before: Recorded[];
  inputs: Recorded[];
  loss: number;
  output_diffs: Recorded[];
  blobs_after: Recorded[];
  params_after: Recorded[];
}

const registry = new LayerRegistry(standardLayers);
const present = existsSync(folder);
const names = present ? readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : [])) : [];
const typesOf = (name: string): string[] =>
  [...readFileSync(`${folder}/${name}.prototxt`, 'utf8').matchAll(/layer \{.*? type: "(\w+)"/g)].map(
    ([, type]) => type!,
  );
const covered = names.filter((name) => typesOf(name).every((type) => registry.has(type)));

async function runCase(name: string, backend: Backend): Promise<void> {
  const golden = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as GoldenCase;
  const bytes = readFileSync(`${folder}/${name}.bin`);
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const at = ({ shape }: Recorded, offset: number): Float32Array =>
    numbers.subarray(offset, offset + shape.reduce((count, length) => count * length, 1));
  const message = parseText('NetParameter', readFileSync(`${folder}/${name}.prototxt`, 'utf8'), { file: name });
  const train = golden.phase === 'TRAIN';
  message.forceBackward = train;
  const net = await Net.create(message, { backend, registry, phase: Phase[golden.phase], seed: 1 });
  const param = ({ layer, index }: Recorded): Tensor => net.layer(layer).layer.blobs[index]!;
  const put = (values: { hostWrite(): ArrayLike<number> }, from: Float32Array): void =>
    (values.hostWrite() as Float32Array).set(from);
  for (const each of golden.params_before) put(param(each).data, at(each, each.data!));
  for (const each of golden.inputs) put(net.blob(each.blob).data, at(each, each.data!));

  const loss = await net.forward();
  expect(Math.abs(loss - golden.loss)).toBeLessThanOrEqual(bound * Math.abs(golden.loss));
  // Sums that cancel (a bias shared by both sides of a difference) leave rounding noise: judged by the case's gradients.
  const gradients = golden.params_after.filter(({ diff }) => diff !== undefined);
  const noise = 1e-7 * Math.max(0, ...gradients.map((each) => largestOf(at(each, each.diff!))));
  const compare = async (what: string, each: Recorded, tensor: Tensor, part: 'data' | 'diff'): Promise<void> => {
    if (each[part] === undefined) return;
    expect([...tensor.shape], `shape of ${what}`).toEqual(each.shape);
    const error = relativeError(await tensor[part].read(), at(each, each[part]), part === 'diff' ? noise : 0);
    expect(error, `${part} of ${what}`).toBeLessThanOrEqual(bound);
  };
  for (const each of golden.blobs_after) await compare(each.blob, each, net.blob(each.blob), 'data');
  if (train) {
    for (const each of golden.output_diffs) put(net.blob(each.blob).diff, at(each, each.diff!));
    net.clearParamDiffs();
    await net.backward();
    for (const each of golden.blobs_after) await compare(each.blob, each, net.blob(each.blob), 'diff');
  }
  for (const each of golden.params_after) {
    const what = `blob ${each.index} of ${each.layer}`;
    await compare(what, each, param(each), 'data');
    if (train) await compare(what, each, param(each), 'diff');
  }
  await net.dispose();
}

const largestOf = (values: Float32Array): number => {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest;
};

/**
 * Largest difference relative to the largest expected value; values that both sides call NaN or infinite agree. An
 * array of no more than `noise` counts as 0, and so must its counterpart be.
 */
function relativeError(mine: ArrayLike<number>, expected: Float32Array, noise: number): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(mine[i], expected[i])) continue;
    const difference = Math.abs(mine[i]! - expected[i]!);
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  const largest = largestOf(expected);
  if (largest <= noise) return worst <= 10 * noise ? 0 : Number.POSITIVE_INFINITY;
  return worst === 0 ? 0 : worst / largest;
}

const backends = [createReferenceBackend(), ...(await presentBackends(1))];
afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

describe.skipIf(!present)('golden numbers of real Caffe (skipped where ../shared is absent)', () => {
  test('are there for layers that are all registered', () => {
    expect(names.length).toBeGreaterThan(100);
    expect(covered).toEqual(names);
  });

  describe.each(backends.map((backend) => [backend.name, backend] as const))('on the %s backend', (_, backend) => {
    test.each(covered)('%s', (name) => runCase(name, backend));
  });
});
