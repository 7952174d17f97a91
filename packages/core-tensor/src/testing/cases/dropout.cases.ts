import type { DropoutSpec } from '../../operations/index.ts';
import { type CaseTable, input, type OperationCase, output, tailCounts, updated } from '../case.ts';

function dropoutCase(spec: DropoutSpec, draw: number): OperationCase {
  const { count, ratio, seed, stream } = spec;
  return {
    name: `n=${count} ratio=${ratio} seed=${seed} stream=${stream} draw=${draw}`,
    arrays: {
      x: input(count),
      y: output(count, 1e-6),
      mask: output(count, 'exact'), // masks agree bit for bit on all backends
      dy: input(count),
      dx: output(count, 1e-6),
    },
    prepare(backend) {
      const operation = backend.dropout(spec);
      return {
        forward: (v) => operation.forward(v['x']!, v['y']!, v['mask']!, draw),
        backward: (v) => operation.backward(v['dy']!, v['mask']!, v['dx']!),
      };
    },
    gradientOf: count === 33 ? ['x'] : undefined,
    work: { forward: { bytes: 12 * count }, backward: { bytes: 12 * count } },
  };
}

function inPlaceCase(spec: DropoutSpec): OperationCase {
  return {
    name: `n=${spec.count} in place`,
    arrays: { x: updated(spec.count, 1e-6), mask: output(spec.count, 'exact'), dy: updated(spec.count, 1e-6) },
    prepare(backend) {
      const operation = backend.dropout(spec);
      return {
        forward: (v) => operation.forward(v['x']!, v['x']!, v['mask']!, 3),
        backward: (v) => operation.backward(v['dy']!, v['mask']!, v['dy']!),
      };
    },
  };
}

export const dropoutCases: CaseTable = {
  operation: 'dropout',
  cases: [
    ...tailCounts.map((count) => dropoutCase({ count, ratio: 0.5, seed: 1, stream: 2 }, 0)),
    dropoutCase({ count: 100, ratio: 0, seed: 1, stream: 2 }, 1),
    dropoutCase({ count: 70_000, ratio: 0.3, seed: 2 ** 40 + 7, stream: 12 }, 2 ** 33 + 5),
    dropoutCase({ count: 100, ratio: 0.999, seed: -1, stream: 0 }, 77),
    inPlaceCase({ count: 9, ratio: 0.5, seed: 3, stream: 0 }),
    inPlaceCase({ count: 1030, ratio: 0.1, seed: 3, stream: 1 }),
  ],
  bench: [dropoutCase({ count: 1 << 20, ratio: 0.5, seed: 1, stream: 0 }, 0)],
};
