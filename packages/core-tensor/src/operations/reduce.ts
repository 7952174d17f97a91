import type { Values } from '../values.ts';

/** y[o,i] = Σ over the middle axis of f(x[o,a,i]); sum: f = x, asum: |x|, sumsq: x². x is outer × axis × inner. */
export interface ReduceSpec {
  method: 'sum' | 'asum' | 'sumsq';
  outer: number;
  axis: number;
  inner: number;
}

export interface ReduceOperation {
  /** y = alpha·Σ (+ y where `accumulate`); alpha 1 by default. An empty axis gives 0. The order of summing is fixed. */
  run(x: Values, y: Values, options?: { alpha?: number; accumulate?: boolean }): void;
}
