import type { GemmSpec } from '../../operations/index.ts';
import { type CaseTable, given, input, type OperationCase, output, updated } from '../case.ts';

interface Scaling {
  alpha?: number;
  beta?: number;
}

function gemmCase(spec: GemmSpec, scaling: Scaling = {}): OperationCase {
  const { m, n, k, transA = false, transB = false, bias, relu } = spec;
  const { alpha, beta = 0 } = scaling;
  const bound = 2e-6;
  const parts = [`m=${m} n=${n} k=${k}`];
  if (transA || transB) parts.push(`trans=${transA ? 'A' : ''}${transB ? 'B' : ''}`);
  if (bias !== undefined) parts.push(`bias=${bias}`);
  if (relu !== undefined) parts.push(`relu=${relu.slope}`);
  if (alpha !== undefined) parts.push(`alpha=${alpha}`);
  if (beta !== 0) parts.push(`beta=${beta}`);
  return {
    name: parts.join(' '),
    arrays: {
      a: input(m * k),
      b: input(k * n),
      ...(bias === undefined ? {} : { bias: input(bias === 'row' ? n : m) }),
      c: beta === 0 ? output(m * n, bound) : updated(m * n, bound),
    },
    prepare(backend) {
      const operation = backend.gemm(spec);
      return { forward: (v) => operation.run(v['a']!, v['b']!, v['c']!, { ...scaling, bias: v['bias'] }) };
    },
    work: { forward: { bytes: 4 * (m * k + k * n + m * n), flops: 2 * m * n * k } },
  };
}

const transposes = [{}, { transB: true }, { transA: true }, { transA: true, transB: true }];
const small = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

export const gemmCases: CaseTable = {
  operation: 'gemm',
  cases: [
    ...small.flatMap((size) => [
      gemmCase({ m: size, n: 5, k: 3 }),
      gemmCase({ m: 3, n: size, k: 4, transB: true }),
      gemmCase({ m: 4, n: 6, k: size, transA: true }),
    ]),
    ...transposes.flatMap((trans) => [
      gemmCase({ m: 1, n: 1, k: 1, ...trans }),
      gemmCase({ m: 17, n: 33, k: 9, ...trans }),
      gemmCase({ m: 33, n: 17, k: 65, ...trans }, { alpha: -0.5, beta: 2 }),
      gemmCase({ m: 70, n: 50, k: 300, ...trans }, { beta: 1 }),
      gemmCase({ m: 130, n: 131, k: 40, ...trans }, { alpha: 3 }),
      gemmCase({ m: 9, n: 14, k: 7, bias: 'row', ...trans }),
      gemmCase({ m: 9, n: 14, k: 7, bias: 'column', ...trans }, { alpha: 2, beta: 0.5 }),
      gemmCase({ m: 1, n: 19, k: 40, bias: 'row', relu: { slope: 0 }, ...trans }),
      gemmCase({ m: 18, n: 37, k: 21, bias: 'row', relu: { slope: 0.25 }, ...trans }),
      gemmCase({ m: 18, n: 37, k: 21, bias: 'column', relu: { slope: 0 }, ...trans }, { beta: 1 }),
      gemmCase({ m: 16, n: 37, k: 23, relu: { slope: 0 }, ...trans }),
    ]),
    gemmCase({ m: 1, n: 300, k: 129 }),
    gemmCase({ m: 300, n: 1, k: 129 }),
    gemmCase({ m: 5, n: 600, k: 20 }),
    gemmCase({ m: 3, n: 4, k: 0 }, { beta: 2 }),
    gemmCase({ m: 3, n: 4, k: 0, bias: 'row' }),
    gemmCase({ m: 3, n: 4, k: 0, bias: 'row', relu: { slope: 0.5 } }),
    gemmCase({ m: 4, n: 4, k: 4 }, { alpha: 0 }),
    nanInA(),
  ],
  bench: [256, 512, 1024].map((size) => gemmCase({ m: size, n: size, k: size })),
};

/** NaN in one row of A reaches that row of C only. */
function nanInA(): OperationCase {
  const plain = gemmCase({ m: 4, n: 5, k: 3 });
  const a = input(12, given(1, 2, 3, Number.NaN, 5, 6, 7, 8, 9, 10, 11, 12));
  return { ...plain, name: 'NaN in one row of A', arrays: { ...plain.arrays, a } };
}
