import type { ReduceSpec } from '../../operations/index.ts';
import { type CaseTable, input, type OperationCase, output, updated } from '../case.ts';

function reduceCase(spec: ReduceSpec, options: { alpha?: number; accumulate?: boolean } = {}): OperationCase {
  const { method, outer, axis, inner } = spec;
  const parts = [`${method} ${outer}x${axis}x${inner}`];
  if (options.alpha !== undefined) parts.push(`alpha=${options.alpha}`);
  if (options.accumulate) parts.push('accumulate');
  const count = outer * inner;
  return {
    name: parts.join(' '),
    arrays: {
      x: input(outer * axis * inner),
      y: options.accumulate ? updated(count, 3e-6) : output(count, 3e-6),
    },
    prepare(backend) {
      const operation = backend.reduce(spec);
      return { forward: (v) => operation.run(v['x']!, v['y']!, options) };
    },
    work: { forward: { bytes: 4 * outer * axis * inner } },
  };
}

const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 33];

export const reduceCases: CaseTable = {
  operation: 'reduce',
  cases: (['sum', 'asum', 'sumsq'] as const).flatMap((method) => [
    ...lengths.map((axis) => reduceCase({ method, outer: 3, axis, inner: 1 })),
    ...lengths.map((inner) => reduceCase({ method, outer: 2, axis: 3, inner })),
    ...lengths.map((outer) => reduceCase({ method, outer, axis: 5, inner: 2 })),
    reduceCase({ method, outer: 1, axis: 70_001, inner: 1 }, { alpha: 0.5 }),
    reduceCase({ method, outer: 1, axis: 300, inner: 130 }, { alpha: -2, accumulate: true }),
    reduceCase({ method, outer: 40, axis: 100, inner: 1 }, { accumulate: true }),
    reduceCase({ method, outer: 2, axis: 0, inner: 3 }, { accumulate: true }),
  ]),
  bench: [
    reduceCase({ method: 'sum', outer: 1, axis: 1 << 20, inner: 1 }),
    reduceCase({ method: 'sumsq', outer: 1, axis: 64, inner: 1 << 14 }),
  ],
};
