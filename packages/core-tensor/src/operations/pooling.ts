import type { TensorSpec } from '../backend.ts';
import type { Values } from '../values.ts';

/** Sliding windows over H and W (Caffe: Pooling). x N,C,H,W; y N,C,H',W' (the caller computes H' and W'). */
export interface PoolingSpec {
  method: 'max' | 'average';
  x: TensorSpec;
  y: TensorSpec;
  /** [h, w] each. */
  kernel: readonly [number, number];
  stride: readonly [number, number];
  pad: readonly [number, number];
}

export interface PoolingOperation {
  /**
   * max: starts at −FLT_MAX; the window is clipped to the image; the first maximum in row-major order wins (strict >);
   * NaN never wins, and an all-NaN or empty window gives −FLT_MAX with index −1. `mask` (count of y, f32) receives each
   * winner's h·W+w.
   * average: the divisor is the window's area clipped to the padded image (at most H+pad, W+pad), so padding counts;
   * the sum runs over the part inside the image; an empty window gives 0. `mask` is not used.
   */
  forward(x: Values, y: Values, mask?: Values): void;
  /** Overwrites dx. max: each dy goes to the mask's position (index −1: nowhere); average: dy/divisor to the window. */
  backward(dy: Values, dx: Values, mask?: Values): void;
}
