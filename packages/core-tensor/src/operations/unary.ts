import type { Values } from '../values.ts';

/**
 * Elementwise functions of one input. Backward reads what the table names; where forward ran in place, x holds y.
 *
 * | name | y | dx | parameters (default) |
 * |---|---|---|---|
 * | relu | max(x,0) + slope·min(x,0) | dy·(x>0 ? 1 : slope) | slope (0) |
 * | elu | λ·max(x,0) + α·(exp(min(x,0))−1) | λ·dy·(x>0 ? 1 : α+y) | alpha (1), lambda (1) |
 * | sigmoid | 1/(1+exp(−x)) | dy·y·(1−y) | |
 * | tanh | tanh x | dy·(1−y²) | |
 * | abs | |x| | dy·sign(x) | |
 * | bnll | x>0 ? x+log(1+exp(−x)) : log(1+exp(x)) | dy·e/(1+e), e = exp(min(x,50)) | |
 * | exp | exp(inner + factor·x) | dy·factor·y | factor (1), inner (0) |
 * | log | log(shift + scale·x)·factor | dy·factor·scale/(shift + scale·x) | scale (1), shift (0), factor (1) |
 * | power | (shift + scale·x)^power | dy·power·scale·(shift + scale·x)^(power−1), 0 where power·scale = 0 | power (1), scale (1), shift (0) |
 * | threshold | x > t ? 1 : 0 | 0 | threshold (0) |
 * | square | x² | 2·dy·x | |
 */
export type UnaryName =
  | 'relu'
  | 'elu'
  | 'sigmoid'
  | 'tanh'
  | 'abs'
  | 'bnll'
  | 'exp'
  | 'log'
  | 'power'
  | 'threshold'
  | 'square';

export interface UnarySpec {
  name: UnaryName;
  count: number;
  /** Parameters by name; those left out take the table's default. */
  parameters?: Readonly<Record<string, number>>;
}

export interface UnaryOperation {
  /** x and y may be one buffer. NaN stays NaN (relu with slope 0: NaN too; −∞ gives NaN, as in Caffe); threshold gives 0. */
  forward(x: Values, y: Values): void;
  /** Overwrites dx; dx and dy may be one buffer. */
  backward(x: Values, y: Values, dy: Values, dx: Values): void;
}
