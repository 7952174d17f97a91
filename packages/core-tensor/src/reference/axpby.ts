import type { AxpbyOperation, AxpbySpec } from '../operations/index.ts';
import { read, update } from './floats.ts';

export function axpby({ count }: AxpbySpec): AxpbyOperation {
  return {
    run(alpha, xValues, beta, yValues) {
      const x = read(xValues);
      const y = update(yValues);
      for (let i = 0; i < count; i++) y[i] = beta === 0 ? alpha * x[i]! : alpha * x[i]! + beta * y[i]!;
    },
  };
}
