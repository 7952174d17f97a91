import type { Values } from '../values.ts';

/** y[o,c,i] = x[o,c,i]·scale[c] + bias[c] over outer × channels × inner (Caffe: Scale, Bias). */
export interface ScaleBiasSpec {
  outer: number;
  channels: number;
  inner: number;
  scale: boolean;
  bias: boolean;
}

export interface ScaleBiasOperation {
  /** x and y may be one buffer; then `stash` (count of x), where given, receives x first. */
  forward(v: { x: Values; y: Values; scale?: Values; bias?: Values; stash?: Values }): void;
  /**
   * dx = dy·scale (or dy), overwritten, may be dy's buffer; dScale = Σ dy·x and dBias = Σ dy added to or overwritten
   * as `accumulate` says. Each of the three may be left out; x is needed for dScale only.
   */
  backward(
    v: { x?: Values; dy: Values; scale?: Values; dx?: Values; dScale?: Values; dBias?: Values },
    options: { accumulate: boolean },
  ): void;
}
