import type { Backend, CpuBackend, Values } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import { batchNormWith } from './batch-norm.ts';
import { Context, type OneDnnCounters } from './context.ts';
import { convolutionWith } from './convolution.ts';
import { copyWith } from './copy.ts';
import { axpbyWith, eltwiseWith, unaryWith } from './elementwise.ts';
import { fillWith } from './fill.ts';
import { findOneDnn, type UsableOneDnn } from './find-library.ts';
import { gemmWith } from './gemm.ts';
import { handedOver } from './handed-over.ts';
import { type LowPrecision, lowPrecisionWith } from './low-precision.ts';
import { lrnWith } from './lrn.ts';
import { Places } from './places.ts';
import { poolingWith } from './pooling.ts';
import { scaleBiasWith } from './scale-bias.ts';
import { softmaxLossWith, softmaxWith } from './softmax.ts';

export interface OneDnnBackendOptions {
  /** Does what oneDNN does not, and its memory holds all values. The new backend disposes of it. */
  over: CpuBackend;
  /** Threads of oneDNN, 1 to 256. Default: as many as `over` has. */
  threads?: number;
  /** 'auto' (default) lets oneDNN take Winograd's algorithm where it expects gain; 'direct' rounds a little less. */
  convolution?: 'auto' | 'direct';
  /** What `findOneDnn` found; default: looked for now. */
  found?: UsableOneDnn;
}

export interface OneDnnBackend extends Backend {
  readonly counters: Readonly<OneDnnCounters>;
  /** Matrix products and convolutions of bf16, s8 and u8 values. */
  readonly lowPrecision: LowPrecision;
  /** In which of its layouts it holds values now, as oneDNN writes it: "nChw16c"; undefined: in plain order. */
  layoutOf(values: Values): string | undefined;
}

/**
 * oneDNN for convolutions, pooling and matrix products; all else by `over`, the CPU backend. Values stay in
 * oneDNN's layouts from operation to operation. Results are bit-equal from run to run for one number of threads.
 * @throws CaffeError 'unsupported' where oneDNN 2.x is not found or `over` keeps its values elsewhere than in one shared
 * memory, 'bad-value' for a bad number of threads.
 */
export async function createOneDnnBackend(options: OneDnnBackendOptions): Promise<OneDnnBackend> {
  const found = options.found ?? (await findOneDnn());
  if (!found.usable) throw new CaffeError({ code: 'unsupported', problem: found.reason });
  return assembleOneDnn(found, options).backend;
}

/** The backend and its parts, for tests that put values into layouts. */
export function assembleOneDnn(
  found: UsableOneDnn,
  { over, threads = over.threads, convolution = 'auto' }: OneDnnBackendOptions,
): { backend: OneDnnBackend; context: Context; places: Places } {
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new CaffeError({ code: 'bad-value', field: 'threads', problem: `is ${threads}`, fix: 'use 1 to 256' });
  }
  const context = new Context(found, over, threads);
  const places = new Places(context);
  const below = handedOver(context, places);
  const lowPrecision = lowPrecisionWith(context);
  const { vnni, bf16, amx } = lowPrecision.processor;
  const few = [bf16 ? 'native bf16' : '', vnni ? 'VNNI' : '', amx ? 'AMX' : ''].filter((word) => word !== '');
  const processor = few.length === 0 ? '' : ` with ${few.join(', ')}`;
  const backend: OneDnnBackend = {
    ...below,
    name: 'onednn',
    description: `oneDNN ${found.version} (${found.file})${processor}, ${threads} thread${threads === 1 ? '' : 's'}, over ${over.description}`,
    threads,
    synchronous: true,
    host: over.host,
    dataTypes: ['f32'],
    counters: context.counters,
    lowPrecision,
    convolution: convolutionWith(context, places, below, convolution),
    batchNorm: batchNormWith(context, places, below),
    pooling: poolingWith(context, places, below),
    lrn: lrnWith(context, places, below),
    softmax: softmaxWith(context, places, below),
    softmaxLoss: softmaxLossWith(context, places, below),
    unary: unaryWith(context, places),
    eltwise: eltwiseWith(context, places),
    axpby: axpbyWith(context, places),
    copy: copyWith(context, places, below),
    scaleBias: scaleBiasWith(context, places, below),
    fill: fillWith(places, below),
    gemm: gemmWith(context, places, below),
    layoutOf: (values) => places.nameOf(values),
    record: (work) => places.recorder.record(work),
    download: (values) => places.download(values),
    async downloadAsync(values) {
      places.download(values);
    },
    releaseDevice: (values) => places.release(values),
    async finish() {},
    async dispose() {
      context.dispose();
      await over.dispose();
    },
  };
  return { backend, context, places };
}
