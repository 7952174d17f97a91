import type { DataType } from './data-type.ts';
import type { HostMemory } from './host-memory.ts';
import type * as op from './operations/index.ts';
import type { Values } from './values.ts';

/** What an operation needs to know of a tensor before any value exists. */
export interface TensorSpec {
  shape: readonly number[];
  dataType: DataType;
}

/**
 * The operations, the one list: a backend is an object literal of these, and the compiler says what is missing.
 * Each prepares an operation for fixed shapes (checks, kernels chosen, workspace known); the operation then runs
 * without checks and without making objects. Gradients of parameters accumulate when asked, all others overwrite.
 */
export interface Operations {
  gemm(spec: op.GemmSpec): op.GemmOperation;
  convolution(spec: op.ConvolutionSpec): op.ConvolutionOperation;
  pooling(spec: op.PoolingSpec): op.PoolingOperation;
  batchNorm(spec: op.BatchNormSpec): op.BatchNormOperation;
  lrn(spec: op.LrnSpec): op.LrnOperation;
  softmax(spec: op.SoftmaxSpec): op.SoftmaxOperation;
  softmaxLoss(spec: op.SoftmaxLossSpec): op.SoftmaxLossOperation;
  unary(spec: op.UnarySpec): op.UnaryOperation;
  eltwise(spec: op.EltwiseSpec): op.EltwiseOperation;
  scaleBias(spec: op.ScaleBiasSpec): op.ScaleBiasOperation;
  reduce(spec: op.ReduceSpec): op.ReduceOperation;
  copy(spec: op.CopySpec): op.CopyOperation;
  axpby(spec: op.AxpbySpec): op.AxpbyOperation;
  fill(spec: op.FillSpec): op.FillOperation;
  permute(spec: op.PermuteSpec): op.PermuteOperation;
  dropout(spec: op.DropoutSpec): op.DropoutOperation;
  solverUpdate(spec: op.SolverUpdateSpec): op.SolverUpdateOperation;
}

export type OperationName = keyof Operations;

/**
 * Hardware behind one contract. Same backend, thread count and plan: bit-equal results from run to run.
 * A backend that lacks an operation takes it from the one it is built over, or throws CaffeError 'unsupported'
 * naming the operation; never a silent slow path.
 */
export interface Backend extends Operations {
  /** "cpu", "reference", … */
  readonly name: string;
  /** In words, for `device_query`: kernels, SIMD level, threads. */
  readonly description: string;
  readonly threads: number;
  /** Whether results can be read at once (host memory); else `values.read()` gives a promise. */
  readonly synchronous: boolean;
  /** Memory of host values. */
  readonly host: HostMemory;
  /** Types it computes in. */
  readonly dataTypes: readonly DataType[];
  /** Inference by whole numbers, where the backend has kernels for it. */
  readonly int8?: op.Int8Operations;
  /**
   * For backends on which an operation's start counts beside its work: notes the operations that `work` runs, to run
   * them all again. Undefined where one of them cannot be run so.
   */
  record?(work: () => void): Repetition | undefined;
  /** Brings the host copy up to date; called by Values only. */
  download(values: Values): void;
  downloadAsync(values: Values): Promise<void>;
  releaseDevice(values: Values): void;
  /** Waits for all that was queued. */
  finish(): Promise<void>;
  /** Ends worker threads and frees memory; the backend is then unusable. */
  dispose(): Promise<void>;
}

/** Operations that have run one after the other. */
export interface Repetition {
  /**
   * Runs all of them again, on the same values, and gives true. Or does nothing and gives false: where the memory of one
   * of the values is another by now, or where weights have changed, which the backend keeps in another form.
   */
  run(): boolean;
}
