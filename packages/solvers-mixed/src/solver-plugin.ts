import type { Solver } from './solver.ts';

/**
 * Hooks into a solver; all are optional, and all but the last two may return a promise. Plug-ins need not import this
 * package: any object with methods of these names will do. (Hooks into forward and backward: see NetPlugin of
 * @jacinto/net; `setUp` is the place to give them to the solver's nets.)
 */
export interface SolverPlugin {
  /** Names it in snapshots: without it, its state is not kept. 'sparsity' is the one that sparse_mode needs. */
  readonly name?: string;
  /** Once the nets are built, before weights are copied or a snapshot is restored. */
  setUp?(solver: Solver): void | Promise<void>;
  /** Before an iteration's forward pass. */
  beforeIteration?(solver: Solver): void | Promise<void>;
  /** After an iteration's update, before iter is counted up. */
  afterUpdate?(solver: Solver): void | Promise<void>;
  /** After the last iteration of `solve`, or the one after which it was stopped; before the snapshot that ends it. */
  afterTraining?(solver: Solver): void | Promise<void>;
  /** What a snapshot must keep for the run to continue exactly; plain JSON, undefined for nothing. */
  saveState?(): unknown;
  /** Goes on from a saved state. Not called where the snapshot holds none. */
  restoreState?(state: unknown): void;
}
