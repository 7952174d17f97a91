import type { ReduceOperation, ReduceSpec } from '../operations/index.ts';
import { read, update, write } from './floats.ts';

const terms = {
  sum: (x: number) => x,
  asum: Math.abs,
  sumsq: (x: number) => x * x,
};

export function reduce({ method, outer, axis, inner }: ReduceSpec): ReduceOperation {
  const term = terms[method];
  return {
    run(xValues, yValues, { alpha = 1, accumulate = false } = {}) {
      const x = read(xValues);
      const y = accumulate ? update(yValues) : write(yValues);
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let sum = 0;
          for (let a = 0; a < axis; a++) sum += term(x[(o * axis + a) * inner + i]!);
          y[o * inner + i] = alpha * sum + (accumulate ? y[o * inner + i]! : 0);
        }
      }
    },
  };
}
