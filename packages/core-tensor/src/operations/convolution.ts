import type { TensorSpec } from '../backend.ts';
import type { Values } from '../values.ts';

/**
 * Cross-correlation over any number of spatial axes (Caffe: Convolution). x N,C,D…; w O,C/g,K…; y N,O,E…,
 * E = floor((D + 2·pad − (dilation·(K−1)+1)) / stride) + 1 per axis. Padding counts as zero.
 * A backend may multiply tiles (Winograd): an infinity or NaN in x may then spread to outputs a few places beyond the
 * windows that see it, and finite results differ by rounding (1e-5 of the largest value at most). It may also leave out
 * weights that are zero: then an infinity or NaN in x does not meet them.
 * Groups split C and O contiguously. Group = C = O with one input channel per group is the depthwise case.
 * Deconvolution is this operation turned round: its forward is `backwardData`.
 */
export interface ConvolutionSpec {
  x: TensorSpec;
  w: TensorSpec;
  y: TensorSpec;
  /** One entry a spatial axis. */
  stride: readonly number[];
  pad: readonly number[];
  dilation: readonly number[];
  group: number;
  /** Whether `forward` adds and `backwardWeights` fills a bias of O values. */
  bias: boolean;
  /** Fused activation of the forward pass: y = max(y,0) + slope·min(y,0). A backend may make NaN 0 here. */
  relu?: { slope: number };
  /** Whether only forward will run, with weights that seldom change: what is derived from them may cost more. */
  inference?: boolean;
  /** Whether `forwardAdding` is wanted. */
  add?: boolean;
}

export interface ConvolutionOperation {
  /** y = x ∗ w (+ b) (then ReLU where asked). */
  forward(x: Values, w: Values, b: Values | undefined, y: Values): void;
  /**
   * y = x ∗ w (+ b) + addend (then ReLU where asked); the addend has y's shape and other memory. Only where the spec wants
   * it and the backend does it faster than as two operations; most have none.
   */
  forwardAdding?(x: Values, w: Values, b: Values | undefined, addend: Values, y: Values): void;
  /** dx = gradient with respect to x; dx is overwritten. */
  backwardData(dy: Values, w: Values, dx: Values): void;
  /** Adds to dw (and db) where `accumulate`, else overwrites them. db may be undefined: not wanted. */
  backwardWeights(
    x: Values,
    dy: Values,
    dw: Values | undefined,
    db: Values | undefined,
    options: { accumulate: boolean },
  ): void;
}

/** Output length on one axis (Caffe: floor; may be ≤ 0 where the kernel does not fit). */
export function convolvedLength(input: number, kernel: number, stride: number, pad: number, dilation: number): number {
  return Math.floor((input + 2 * pad - (dilation * (kernel - 1) + 1)) / stride) + 1;
}
