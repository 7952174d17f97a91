import type { Values } from '../values.ts';

/** The update rules (formulas: docs of @jacinto/solvers-mixed). `history` counts the arrays each keeps a parameter. */
export type UpdateRule = 'sgd' | 'nesterov' | 'adagrad' | 'rmsprop' | 'adadelta' | 'adam';

/** One call updates all parameters: weights, gradients and history in one pass. */
export interface SolverUpdateSpec {
  rule: UpdateRule;
  /** Number of values of each parameter. */
  counts: readonly number[];
  regularization: 'L1' | 'L2';
}

/** What changes from step to step; the same for all parameters. Fields a rule does not use are ignored. */
export interface UpdateRates {
  /** Gradients are multiplied by this first (1/iter_size, clipping, 1/global_grad_scale). */
  gradientFactor: number;
  momentum: number;
  /** Adam's β2. */
  momentum2: number;
  /** RMSProp's ρ. */
  rmsDecay: number;
  /** Used as it is: Caffe's lower bounds (1e-3, 1e-4) are the caller's to apply. */
  delta: number;
  /** Adam's √(1−β2^t)/(1−β1^t). */
  correction: number;
}

export interface UpdateParameter {
  weights: Values;
  diff: Values;
  history: readonly Values[];
  /** Rate times lr_mult, and weight decay times decay_mult. */
  rate: number;
  decay: number;
}

export interface SolverUpdateOperation {
  /** Updates weights and history; the gradients are set to 0 where `clear`, else they stay. */
  run(parameters: readonly UpdateParameter[], rates: UpdateRates, options: { clear: boolean }): void;
}
