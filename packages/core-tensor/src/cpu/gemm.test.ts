import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import type { GemmSpec } from '../operations/index.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { type CaseValues, input, type OperationCase, updated } from '../testing/case.ts';
import { bitEqual } from '../testing/compare.ts';
import { compareCase, runCase } from '../testing/run-case.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { createCpuBackend } from './cpu-backend.ts';

function gemmCase(spec: GemmSpec, alpha: number, beta: number): OperationCase {
  const { m, n, k, transA, transB, bias } = spec;
  const name = `${m}x${n}x${k}${transA ? ' Ta' : ''}${transB ? ' Tb' : ''} ${bias ?? ''} alpha=${alpha} beta=${beta}`;
  return {
    name,
    arrays: {
      a: input(m * k),
      b: input(k * n),
      c: updated(m * n, 2e-6),
      ...(bias === undefined ? {} : { bias: input(bias === 'row' ? n : m) }),
    },
    prepare(backend) {
      const operation = backend.gemm(spec);
      return { forward: (v: CaseValues) => operation.run(v['a']!, v['b']!, v['c']!, { alpha, beta, bias: v['bias'] }) };
    },
  };
}

const random = seededRandom(11);
const randomCases = Array.from({ length: 60 }, () => {
  const length = (): number => (random.uniform(0, 1) < 0.5 ? 1 + random.integer(20) : 1 + random.integer(150));
  const [m, n, k] = [length(), length(), length()];
  const bias = ([undefined, 'row', 'column'] as const)[random.integer(3)];
  const spec: GemmSpec = { m, n, k, transA: random.integer(2) === 1, transB: random.integer(2) === 1, bias };
  return gemmCase(spec, [1, 0.5, -2][random.integer(3)]!, [0, 1, 0.25][random.integer(3)]!);
});
/** Past one panel's depth, and past what is packed at once. */
const largeCases = [
  gemmCase({ m: 70, n: 90, k: 1000, bias: 'row' }, 1, 0.5),
  gemmCase({ m: 70, n: 90, k: 1000, transA: true, transB: true, bias: 'column' }, 1, 0),
  gemmCase({ m: 2100, n: 9, k: 5, bias: 'column' }, 1, 1),
  gemmCase({ m: 5, n: 4200, k: 7, bias: 'row' }, 1, 1),
  gemmCase({ m: 3, n: 500, k: 700, transB: true, bias: 'row' }, 1, 1),
  gemmCase({ m: 700, n: 1, k: 500, transA: true, bias: 'column' }, 2, 1),
  gemmCase({ m: 700, n: 1, k: 500, bias: 'row' }, 2, 0),
];

describe('gemm on the CPU backend', () => {
  const reference = createReferenceBackend();
  let backends: Backend[];
  beforeAll(async () => {
    backends = await Promise.all([1, 2, 3].map((threads) => createCpuBackend({ threads })));
  });
  afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

  it.each([...randomCases, ...largeCases].map((test) => [test.name, test] as const))(
    '%s (seed 11)',
    async (_, test) => {
      await compareCase(backends[1]!, reference, test);
      const results = await Promise.all(backends.map((backend) => runCase(backend, test)));
      bitEqual(results[0]!['c']!, results[1]!['c']!, 'c on 1 and 2 threads');
      bitEqual(results[2]!['c']!, results[1]!['c']!, 'c on 3 and 2 threads');
    },
  );

  it('does nothing for an empty product', () => {
    expect(() => backends[0]!.gemm({ m: 0, n: 5, k: 3 })).not.toThrow();
  });
});
