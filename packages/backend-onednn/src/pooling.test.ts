import { type Backend, createCpuBackend, type PoolingSpec, Tensor, Values } from '@jacinto/core-tensor';
import { closeTo, createReferenceBackend, seededRandom } from '@jacinto/core-tensor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { assembleOneDnn } from './onednn-backend.ts';

const found = await findOneDnn();
const seed = 31;
const version = found.usable ? found.version : `skipped: ${found.reason}`;
const lengths = seededRandom(seed);
const shapes = Array.from({ length: 6 }, () => [
  ...[1 + lengths.integer(3), 1 + lengths.integer(40), 3 + lengths.integer(14), 3 + lengths.integer(14)],
]);

/** Windows of 2×2, 2 apart, the last ones cut off where a length is odd; forward and back. */
function pooling(backend: Backend, shape: readonly number[], method: PoolingSpec['method']) {
  const random = seededRandom(seed);
  const [images, channels, ...plane] = shape as [number, number, number, number];
  const [x, y] = [shape, [images, channels, ...plane.map((length) => Math.ceil(length / 2))]].map(
    (each) => new Tensor(backend, each),
  ) as [Tensor, Tensor];
  for (const values of [x.data, y.diff]) {
    values.hostWrite().forEach((_, i, all) => {
      all[i] = random.gaussian();
    });
  }
  const mask = method === 'max' ? new Values(backend, y.count) : undefined;
  const windows = { kernel: [2, 2], stride: [2, 2], pad: [0, 0] } as const;
  const operation = backend.pooling({ method, x: x.spec, y: y.spec, ...windows });
  return {
    ...{ x, y },
    forward: () => operation.forward(x.data, y.data, mask),
    forwardOnly: () => operation.forward(x.data, y.data),
    backward: () => operation.backward(y.diff, x.diff, mask),
  };
}

describe.skipIf(!found.usable)(`pooling in blocks, seed ${seed} (${version})`, () => {
  let parts: ReturnType<typeof assembleOneDnn>;
  beforeAll(async () => {
    if (found.usable) parts = assembleOneDnn(found, { over: await createCpuBackend({ threads: 2 }) });
  });
  afterAll(() => parts.backend.dispose());

  const both = ['max', 'average'] as const;
  it.each(both.flatMap((method) => shapes.map((shape) => ({ method, shape }))))('$method of $shape', (one) => {
    const { backend, context, places } = parts;
    const ours = pooling(backend, one.shape, one.method);
    const theirs = pooling(createReferenceBackend(), one.shape, one.method);
    const block = context.api.vectorBytes() === 64 ? 16 : 8;
    places.read(ours.x.data, context.layouts.of(context.api.blockedDesc(one.shape, block)));
    const { handedOver } = backend.counters;
    for (const each of [ours, theirs]) {
      each.forward();
      each.backward();
    }
    closeTo(ours.y.data.hostRead(), theirs.y.data.hostRead(), 1e-6, 'y');
    closeTo(ours.x.diff.hostRead(), theirs.x.diff.hostRead(), 1e-6, 'dx');
    ours.y.data.hostWrite().fill(Number.NaN);
    ours.forwardOnly();
    closeTo(ours.y.data.hostRead(), theirs.y.data.hostRead(), 1e-6, 'y without a mask');
    expect(backend.counters.handedOver).toBe(handedOver);
  });

  it.each(both)('%s stays where oneDNN has kernels, whatever layout its readers wish for', (method) => {
    const { backend, context, places } = parts;
    const ours = pooling(backend, [2, 24, 6, 6], method);
    const theirs = pooling(createReferenceBackend(), [2, 24, 6, 6], method);
    theirs.forward();
    const usual = context.api.vectorBytes() === 64 ? 16 : 8;
    const blocked = ({ data, shape }: Tensor, block: 8 | 16): number =>
      places.read(data, context.layouts.of(context.api.blockedDesc(shape, block)));
    blocked(ours.x, usual);
    for (const block of [16, 8, usual] as const) {
      const { handedOver } = backend.counters;
      ours.forward();
      expect(backend.counters.handedOver).toBe(handedOver);
      blocked(ours.y, block);
      closeTo(ours.y.data.hostRead(), theirs.y.data.hostRead(), 1e-6, 'y');
    }
  });
});
