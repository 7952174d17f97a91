import { CaffeError } from '@jacinto/proto/errors';
import type { Backend } from '../backend.ts';
import { checked } from '../operations/check-spec.ts';
import type { OperationsOfBlocks } from '../operations/index.ts';
import { axpbyOn } from './axpby.ts';
import { batchNormOn } from './batch-norm.ts';
import { batchNormBlocksOn } from './batch-norm-blocks.ts';
import { convolutionOn } from './convolution.ts';
import { copyOn } from './copy.ts';
import { dropoutOn } from './dropout.ts';
import { eltwiseOn } from './eltwise.ts';
import { startEngine } from './engine.ts';
import { fillOn } from './fill.ts';
import { gemmOn } from './gemm.ts';
import { int8On } from './int8.ts';
import { type RelaxedSimd, runsInNode } from './load-module.ts';
import { lrnOn } from './lrn.ts';
import { permuteOn } from './permute.ts';
import { poolingOn } from './pooling.ts';
import { reduceOn } from './reduce.ts';
import { scaleBiasOn } from './scale-bias.ts';
import { softmaxOn } from './softmax.ts';
import { softmaxLossOn } from './softmax-loss.ts';
import { solverUpdateOn } from './solver-update.ts';
import type { SparseKernels } from './sparse-choice.ts';
import { unaryOn } from './unary.ts';

export interface CpuBackendOptions {
  /** Threads that compute, the calling one included: 1 to 256. Default: the cores this process may use. */
  threads?: number;
  /** Fused multiply-add where the engine has it ('auto', the default), or never: results then round as plain SIMD does. */
  relaxedSimd?: RelaxedSimd;
  /**
   * Convolutions whose weights stand still and are at least 60 % zero take kernels that leave the zeros out: true
   * (default): where they are measured to be faster; 'always': wherever there are such kernels, so that the choice, and
   * with it rounding, is the same in every run; false: never, and never where the environment says JACINTO_SPARSE=0.
   */
  sparseKernels?: SparseKernels;
}

export interface CpuBackend extends Backend {
  /** For backends built over this one, whose values lie in its heap in layouts of theirs. */
  readonly ofBlocks: OperationsOfBlocks;
}

/**
 * WebAssembly kernels on a pool of threads over one shared memory of at most 4 GiB. Computes f32. Results are bit-equal
 * from run to run and for any number of threads. In a browser call it from a worker: a page's own thread may not sleep,
 * so there the engine spins while it waits; the page must be cross-origin isolated.
 * @throws CaffeError 'bad-value' for a bad option, 'unsupported' where shared memory is missing.
 */
export async function createCpuBackend({
  threads,
  relaxedSimd = 'auto',
  sparseKernels = true,
}: CpuBackendOptions = {}): Promise<CpuBackend> {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 256)) {
    throw new CaffeError({ code: 'bad-value', field: 'threads', problem: `is ${threads}`, fix: 'use 1 to 256' });
  }
  if (typeof sparseKernels !== 'boolean' && sparseKernels !== 'always') {
    const fix = "use true, false or 'always'";
    throw new CaffeError({ code: 'bad-value', field: 'sparseKernels', problem: `is ${sparseKernels}`, fix });
  }
  const sparse = runsInNode && process.env['JACINTO_SPARSE'] === '0' ? false : sparseKernels;
  const engine = await startEngine(threads ?? (await availableCores()), relaxedSimd);
  return {
    name: 'cpu',
    description:
      `WebAssembly kernels with ${engine.relaxedSimd ? 'relaxed SIMD (fused multiply-add)' : 'SIMD'}, ` +
      `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`,
    threads: engine.threads,
    synchronous: true,
    host: engine.host,
    dataTypes: ['f32'],
    download() {},
    async downloadAsync() {},
    releaseDevice() {},
    async finish() {},
    dispose: () => engine.dispose(),
    int8: int8On(engine),
    ofBlocks: { batchNorm: batchNormBlocksOn(engine) },
    ...checked({
      axpby: axpbyOn(engine),
      batchNorm: batchNormOn(engine),
      convolution: convolutionOn(engine, sparse),
      copy: copyOn(engine),
      dropout: dropoutOn(engine),
      eltwise: eltwiseOn(engine),
      fill: fillOn(engine),
      gemm: gemmOn(engine),
      lrn: lrnOn(engine),
      permute: permuteOn(engine),
      pooling: poolingOn(engine),
      reduce: reduceOn(engine),
      scaleBias: scaleBiasOn(engine),
      softmax: softmaxOn(engine),
      softmaxLoss: softmaxLossOn(engine),
      solverUpdate: solverUpdateOn(engine),
      unary: unaryOn(engine),
    }),
  };
}

async function availableCores(): Promise<number> {
  if (!runsInNode) return navigator.hardwareConcurrency;
  return (await import('node:os')).availableParallelism();
}
