import type { TensorSpec } from '../backend.ts';
import type { Values } from '../values.ts';

/** Normalisation by channel (Caffe: BatchNorm; Ioffe & Szegedy 2015). x and y N,C,… ; per-channel values have C. */
export interface BatchNormSpec {
  x: TensorSpec;
  eps: number;
  /** Whether a learned scale (γ) and bias (β) follow. */
  scale: boolean;
  bias: boolean;
  /**
   * Fused activation of y. In training a channel that is NaN throughout stays NaN; single NaN, and those of
   * `forwardGlobal`, a backend may make 0.
   */
  relu?: { slope: number };
}

/** running = keep·running + add·batch; the variance is multiplied by `varianceCorrection` first (n/(n−1): unbiased). */
export interface RunningUpdate {
  keep: number;
  add: number;
  varianceCorrection: number;
}

export interface BatchNormOperation {
  /**
   * Batch statistics (biased variance): mean, invStd = 1/√(var+eps) are written for backward. x and y may be one
   * buffer; then `stash` (count of x) receives x, and backward is given the stash as x. No running update: omit it.
   */
  forwardTraining(
    v: {
      x: Values;
      y: Values;
      stash?: Values;
      scale?: Values;
      bias?: Values;
      mean: Values;
      invStd: Values;
      runningMean?: Values;
      runningVariance?: Values;
    },
    running?: RunningUpdate,
  ): void;
  /** dx overwritten (dx and dy may be one buffer); dScale and dBias as `accumulate` says, each may be left out. */
  backwardTraining(
    v: {
      x: Values;
      /** Needed with a fused ReLU only. */
      y?: Values;
      dy: Values;
      dx?: Values;
      scale?: Values;
      mean: Values;
      invStd: Values;
      dScale?: Values;
      dBias?: Values;
    },
    options: { accumulate: boolean },
  ): void;
  /** y = (x − f·mean)/√(f·variance+eps)·scale + bias with f = statisticsFactor (default 1). x and y may be one buffer. */
  forwardGlobal(
    v: { x: Values; y: Values; scale?: Values; bias?: Values; mean: Values; variance: Values },
    options?: { statisticsFactor?: number },
  ): void;
  /** dx = dy·scale/√(f·variance+eps), overwritten; dx and dy may be one buffer. `y`: needed with a fused ReLU only. */
  backwardGlobal(
    v: { y?: Values; dy: Values; dx: Values; scale?: Values; variance: Values },
    options?: { statisticsFactor?: number },
  ): void;
}
