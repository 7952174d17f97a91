import type { Backend } from '../backend.ts';
import { plainHostMemory } from '../host-memory.ts';
import { checked } from '../operations/check-spec.ts';
import { axpby } from './axpby.ts';
import { batchNorm } from './batch-norm.ts';
import { convolution } from './convolution.ts';
import { copy } from './copy.ts';
import { dropout } from './dropout.ts';
import { eltwise } from './eltwise.ts';
import { fill } from './fill.ts';
import { gemm } from './gemm.ts';
import { lrn } from './lrn.ts';
import { permute } from './permute.ts';
import { pooling } from './pooling.ts';
import { reduce } from './reduce.ts';
import { scaleBias } from './scale-bias.ts';
import { softmax } from './softmax.ts';
import { softmaxLoss } from './softmax-loss.ts';
import { solverUpdate } from './solver-update.ts';
import { unary } from './unary.ts';

/**
 * Every operation as plain loops with sums in f64: the judge of other backends in tests, never used to train.
 * Computes f32 and f64 (gradient checks want f64). Everything is synchronous.
 */
export function createReferenceBackend(): Backend {
  return {
    name: 'reference',
    description: 'plain TypeScript loops, for tests',
    threads: 1,
    synchronous: true,
    host: plainHostMemory(),
    dataTypes: ['f32', 'f64'],
    download() {},
    async downloadAsync() {},
    releaseDevice() {},
    async finish() {},
    async dispose() {},
    ...checked({
      axpby,
      batchNorm,
      convolution,
      copy,
      dropout,
      eltwise,
      fill,
      gemm,
      lrn,
      permute,
      pooling,
      reduce,
      scaleBias,
      softmax,
      softmaxLoss,
      solverUpdate,
      unary,
    }),
  };
}
