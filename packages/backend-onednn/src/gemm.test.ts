import { type Backend, createCpuBackend, type GemmSpec, Values } from '@jacinto/core-tensor';
import { closeTo, createReferenceBackend, seededRandom } from '@jacinto/core-tensor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { createOneDnnBackend, type OneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();
const seed = 23;
const version = found.usable ? found.version : `skipped: ${found.reason}`;

/** As a layer InnerProduct asks for it: c = A·Bᵀ + a bias a column, then a ReLU. */
const random = seededRandom(seed);
const layers: GemmSpec[] = Array.from({ length: 8 }, (_, i) => ({
  ...{ m: [1, 2, 8, 15, 16, 17, 33, 70][i]!, n: 1 + random.integer(80), k: 1 + random.integer(200) },
  ...{ transB: true, bias: 'row', relu: { slope: i % 2 === 0 ? 0 : 0.1 } },
}));

function product(backend: Backend, spec: GemmSpec) {
  const numbers = seededRandom(seed);
  const values = (count: number): Values => {
    const made = new Values(backend, count);
    made.hostWrite().forEach((_, i, all) => {
      all[i] = numbers.gaussian();
    });
    return made;
  };
  const { m, n, k } = spec;
  const [a, b, bias, c] = [values(m * k), values(k * n), values(n), new Values(backend, m * n)];
  const operation = backend.gemm(spec);
  return { a, b, c, run: () => operation.run(a, b, c, { bias }) };
}

describe.skipIf(!found.usable)(`matrix products, seed ${seed} (${version})`, () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await createOneDnnBackend({ over: await createCpuBackend({ threads: 2 }) });
  });
  afterAll(() => backend.dispose());

  it.each(layers)('of a layer, $m×$k by $n outputs, are the reference’s', (spec) => {
    const [ours, theirs] = [product(backend, spec), product(createReferenceBackend(), spec)];
    const { primitives, handedOver } = backend.counters;
    for (const each of [ours, theirs]) each.run();
    expect(backend.counters).toMatchObject({ primitives: primitives + 1, handedOver });
    closeTo(ours.c.hostRead(), theirs.c.hostRead(), 2e-6, 'c');
    // Other numbers in the same places.
    for (const { a, b, run } of [ours, theirs]) {
      for (const values of [a, b]) values.hostUpdate()[0] = 3;
      run();
    }
    closeTo(ours.c.hostRead(), theirs.c.hostRead(), 2e-6, 'c');
  });
});
