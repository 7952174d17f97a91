import type { Values } from '../values.ts';

/** Elementwise combination of two or more inputs of one shape (Caffe: Eltwise). */
export interface EltwiseSpec {
  method: 'sum' | 'product' | 'max';
  count: number;
  inputs: number;
  /** sum only: one factor an input; default all 1. */
  coefficients?: readonly number[];
}

export interface EltwiseOperation {
  /**
   * y may be one buffer with xs[0]. max: `mask` (count, f32) receives the winner's index; the first input wins only
   * when strictly greater than the second, a later input only when strictly greater than the best so far (Caffe).
   */
  forward(xs: readonly Values[], y: Values, mask?: Values): void;
  /**
   * Gradient of input `index`; overwrites dx. sum: dy·coefficient; product: dy·(product of the other inputs);
   * max: dy where mask = index, else 0. dx may be dy for sum only.
   */
  backward(index: number, xs: readonly Values[], y: Values, dy: Values, dx: Values, mask?: Values): void;
}
