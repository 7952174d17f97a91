import type { Solver } from './solver.ts';

/**
 * Hooks into a solver; all are optional and may return a promise. Plug-ins need not import this package: any object
 * with methods of these names will do. (Hooks into forward and backward: see NetPlugin of @jacinto/net.)
 */
export interface SolverPlugin {
  /** Before an iteration's forward pass. */
  beforeIteration?(solver: Solver): void | Promise<void>;
  /** After an iteration's update, before iter is counted up. */
  afterUpdate?(solver: Solver): void | Promise<void>;
}
