import type { LrnSpec } from '../../operations/index.ts';
import { countOf } from '../../tensor.ts';
import { type CaseTable, f32, input, type OperationCase, output } from '../case.ts';

function lrnCase(x: readonly number[], spec: Omit<LrnSpec, 'x'>, gradient = false): OperationCase {
  const { region, size, alpha, beta, k } = spec;
  const bytes = 4 * countOf(x);
  return {
    name: `${region} x=${x.join('x')} size=${size} alpha=${alpha} beta=${beta} k=${k}`,
    arrays: {
      x: input(x),
      y: output(x, 5e-6),
      s: output(x, 2e-6),
      dy: input(x),
      dx: output(x, 5e-6),
    },
    prepare(backend) {
      const operation = backend.lrn({ x: f32(x), ...spec });
      return {
        forward: (v) => operation.forward(v['x']!, v['y']!, v['s']!),
        backward: (v) => operation.backward(v['x']!, v['y']!, v['s']!, v['dy']!, v['dx']!),
      };
    },
    ...(gradient ? { gradientOf: ['x'] } : {}),
    work: { forward: { bytes: 3 * bytes }, backward: { bytes: 5 * bytes } },
  };
}

const usual = { size: 5, alpha: 1, beta: 0.75, k: 1 };
const regions = ['across-channels', 'within-channel'] as const;
const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17];

export const lrnCases: CaseTable = {
  operation: 'lrn',
  cases: [
    ...regions.flatMap((region) => [
      ...lengths.map((length) => lrnCase([1, 4, 2, length], { region, ...usual })),
      ...lengths.map((length) => lrnCase([1, length, 3, 3], { region, ...usual, size: 3 })),
      lrnCase([2, 7, 3, 3], { region, ...usual }, true),
      lrnCase([2, 3, 4, 5], { region, size: 3, alpha: 0.5, beta: 0.5, k: 2 }, true),
      lrnCase([2, 3, 4, 3], { region, size: 15, alpha: 0.1, beta: 1, k: 1 }),
      lrnCase([1, 4, 3, 4], { region, size: 1, alpha: 2, beta: 1.5, k: 1 }),
      lrnCase([0, 4, 3, 4], { region, ...usual }),
      lrnCase([2, 20, 9, 9], { region, size: 5, alpha: 1e-4, beta: 0.75, k: 1 }),
      // Whole blocks of channels: one, two, more; odd planes.
      lrnCase([2, 16, 5, 7], { region, ...usual }),
      lrnCase([1, 32, 7, 5], { region, ...usual, k: 2 }),
      lrnCase([2, 48, 5, 31], { region, ...usual, alpha: 0.1 }),
      lrnCase([1, 64, 29, 6], { region, ...usual }),
      lrnCase([1, 32, 28, 5], { region, ...usual, size: 3 }),
      lrnCase([1, 32, 3, 4], { region, ...usual, beta: 1 }),
      lrnCase([1, 24, 6, 6], { region, ...usual }),
    ]),
  ],
  bench: regions.map((region) => lrnCase([16, 96, 27, 27], { region, size: 5, alpha: 1e-4, beta: 0.75, k: 1 })),
};
