import type { Values } from '../values.ts';

/** Row-major matrix product. A is M×K (K×M if transA), B is K×N (N×K if transB), C is M×N; lengths may be 0. */
export interface GemmSpec {
  m: number;
  n: number;
  k: number;
  transA?: boolean;
  transB?: boolean;
  /** Whether `run` is given a bias: 'row' holds N values (added to every row), 'column' M values. */
  bias?: 'row' | 'column';
  /** Activation put on the result last: c = max(c,0) + slope·min(c,0). A backend may make NaN 0 here. */
  relu?: { slope: number };
}

export interface GemmOperation {
  /**
   * c = alpha·A·B + beta·c (+ bias) (then ReLU where asked); alpha 1 and beta 0 by default. beta 0 never reads c (NaN
   * there does not spread); k = 0 gives beta·c (+ bias). c must not overlap a or b.
   */
  run(a: Values, b: Values, c: Values, options?: { alpha?: number; beta?: number; bias?: Values }): void;
}
