import type { Backend, OperationName } from '@jacinto/core-tensor';
import type { Layer } from './layer.ts';

const names: Record<OperationName, true> = {
  ...{ gemm: true, convolution: true, pooling: true, batchNorm: true, lrn: true, softmax: true, softmaxLoss: true },
  ...{ unary: true, eltwise: true, scaleBias: true, reduce: true, copy: true, axpby: true, fill: true },
  ...{ permute: true, dropout: true, solverUpdate: true },
};

/** The operations that a layer asks its backend for while `work` runs: "convolution + relu", "unary relu", … */
export function recordedOperations(layer: Layer, work: () => void): string[] {
  const asked: string[] = [];
  const { backend } = layer;
  const recorder = new Proxy(backend, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (typeof key !== 'string' || !Object.hasOwn(names, key)) return value;
      return (spec: object) => {
        asked.push(inWords(key, spec));
        return (value as (spec: object) => unknown).call(target, spec);
      };
    },
  });
  const open = layer as { backend: Backend };
  open.backend = recorder;
  try {
    work();
  } finally {
    open.backend = backend;
  }
  return [...new Set(asked)];
}

function inWords(operation: string, spec: object): string {
  const { name, method, relu, add } = spec as { name?: string; method?: string; relu?: object; add?: boolean };
  const fused = [...(add === true ? ['+ sum'] : []), ...(relu === undefined ? [] : ['+ relu'])];
  return [operation, ...[name, method].filter(Boolean), ...fused].join(' ');
}
