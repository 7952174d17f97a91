import type { TensorSpec } from '../backend.ts';
import type { Values } from '../values.ts';

/**
 * Local response normalisation (Caffe: LRN). x and y N,C,H,W.
 * across channels: s = k + (alpha/size)·Σ x² over the centred window, y = x·s^−beta.
 * within channel: s = 1 + alpha·average of x² over a size×size window (padding counts, as average pooling), y = x·s^−beta.
 */
export interface LrnSpec {
  x: TensorSpec;
  region: 'across-channels' | 'within-channel';
  /** Odd. */
  size: number;
  alpha: number;
  beta: number;
  k: number;
}

export interface LrnOperation {
  /** `s` (count of x) is kept for backward. y must not be x. */
  forward(x: Values, y: Values, s: Values): void;
  /** Overwrites dx, which must not be dy. */
  backward(x: Values, y: Values, s: Values, dy: Values, dx: Values): void;
}
