import type { Backend } from '@jacinto/core-tensor';
import type { LayerRegistry } from '@jacinto/net';
import type { NetParameter } from '@jacinto/proto';
import type { Compat } from './compat.ts';
import type { SolverEvent } from './events.ts';
import type { SolverFiles } from './files.ts';
import type { SolverPlugin } from './solver-plugin.ts';

/** How a solver is built. */
export interface SolverOptions {
  backend: Backend;
  registry: LayerRegistry;
  /** Folder that the paths of solver and nets are relative to; default: the current one. */
  baseFolder?: string;
  /** How files are read and written; default: Node's, relative to `baseFolder`. */
  files?: SolverFiles;
  /** Added to the train net's state. */
  level?: number;
  stages?: readonly string[];
  /** Weights to start from, in order: .caffemodel files or nets with blobs; copied into all nets by layer name. */
  weights?: readonly (string | NetParameter)[];
  /** A .solverstate to resume from. */
  snapshot?: string;
  compat?: Compat;
  /** Whether layers may do the work of ReLU layers behind them; default true (see `NetOptions`). */
  fusion?: boolean;
  plugins?: readonly SolverPlugin[];
  /** Receives all that Caffe logs, and warnings. */
  onEvent?: (event: SolverEvent) => void;
}
