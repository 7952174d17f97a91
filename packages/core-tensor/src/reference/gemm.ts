import type { GemmOperation, GemmSpec } from '../operations/index.ts';
import { read, relu, update, write } from './floats.ts';

export function gemm(spec: GemmSpec): GemmOperation {
  const { m, n, k, transA = false, transB = false, bias: biasKind } = spec;
  return {
    run(aValues, bValues, cValues, { alpha = 1, beta = 0, bias: biasValues } = {}) {
      const a = read(aValues);
      const b = read(bValues);
      const bias = biasValues === undefined ? undefined : read(biasValues);
      const c = beta === 0 ? write(cValues) : update(cValues);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let p = 0; p < k; p++) sum += a[transA ? p * m + i : i * k + p]! * b[transB ? j * k + p : p * n + j]!;
          let value = alpha * sum;
          if (beta !== 0) value += beta * c[i * n + j]!;
          if (biasKind !== undefined && bias !== undefined) value += bias[biasKind === 'row' ? j : i]!;
          c[i * n + j] = spec.relu === undefined ? value : relu(value, spec.relu.slope);
        }
      }
    },
  };
}
