import { CaffeError } from '@jacinto/proto/errors';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';

const backend = createReferenceBackend();
const f32 = (...shape: number[]) => ({ shape, dataType: 'f32' as const });
const window = { method: 'max', kernel: [2, 2], stride: [2, 2], pad: [0, 0] } as const;

describe('a spec that makes no sense is refused when the operation is prepared', () => {
  it.each<[string, (backend: Backend) => unknown, string]>([
    ['axpby', (b) => b.axpby({ count: -1 }), 'axpby.count is -1; use a whole number of 0 or more'],
    ['copy', (b) => b.copy({ outer: 1, length: 1.5, xStride: 0, yStride: 0 }), 'copy.length is 1.5; use a whole'],
    [
      'dropout',
      (b) => b.dropout({ count: 1, ratio: 1, seed: 0, stream: 0 }),
      'dropout.ratio is 1; use 0 or more, and less than 1',
    ],
    [
      'eltwise',
      (b) => b.eltwise({ method: 'sum', count: 1, inputs: 1 }),
      'eltwise.inputs is 1; use a whole number of 2',
    ],
    [
      'eltwise coefficients',
      (b) => b.eltwise({ method: 'sum', count: 1, inputs: 2, coefficients: [1] }),
      'eltwise: 1 coefficients for 2 inputs; give one an input, or none',
    ],
    ['gemm', (b) => b.gemm({ m: 1, n: Number.NaN, k: 1 }), 'gemm.n is NaN; use a whole number of 0 or more'],
    [
      'lrn',
      (b) => b.lrn({ x: f32(1, 1, 1, 1), region: 'across-channels', size: 4, alpha: 1, beta: 1, k: 1 }),
      'lrn.size is 4; use an odd number',
    ],
    [
      'permute',
      (b) => b.permute({ shape: [2, 3, 4], order: [0, 1, 1] }),
      'permute: the order 0 1 1 does not name each of the 3 axes once; use each of 0 1 2 once',
    ],
    [
      'pooling axes',
      (b) => b.pooling({ ...window, x: f32(1, 2, 4), y: f32(1, 2, 2) }),
      'pooling: x (1 2 4) and y (1 2 2) must have 4 axes, N,C,H,W',
    ],
    [
      'pooling channels',
      (b) => b.pooling({ ...window, x: f32(1, 2, 4, 4), y: f32(1, 3, 2, 2) }),
      'pooling: x (1 2 4 4) and y (1 3 2 2) differ in N or C',
    ],
    [
      'pooling stride',
      (b) => b.pooling({ ...window, stride: [2, 0], x: f32(1, 2, 4, 4), y: f32(1, 2, 2, 2) }),
      'pooling.stride is 0; use a whole number of 1 or more',
    ],
    [
      'solverUpdate',
      (b) => b.solverUpdate({ rule: 'agd' as 'sgd', counts: [], regularization: 'L2' }),
      'solverUpdate.rule "agd" is not known; did you mean "sgd"?',
    ],
    ['unary', (b) => b.unary({ name: 'sigmod' as 'sigmoid', count: 1 }), 'did you mean "sigmoid"?'],
    [
      'unary parameters',
      (b) => b.unary({ name: 'relu', count: 1, parameters: { slop: 1 } }),
      'unary.parameters of relu "slop" is not known; did you mean "slope"?',
    ],
  ])('%s', (_, prepare, message) => {
    expect(() => prepare(backend)).toThrow(CaffeError);
    expect(() => prepare(backend)).toThrow(message);
  });
});
