import type { NetParameter, SolverState } from '@jacinto/proto';

/**
 * The files a solver reads and writes. In Node the default is `nodeFiles`; a browser gives its own, for instance over
 * the origin private file system. Paths are as the prototxt writes them.
 */
export interface SolverFiles {
  readNet(path: string): NetParameter | Promise<NetParameter>;
  /** Files that end in `.h5` are HDF5 (`@jacinto/proto/hdf5`), here and in `readState`. */
  readWeights(path: string): NetParameter | Promise<NetParameter>;
  readState(path: string): SolverState | Promise<SolverState>;
  /** Whole or not at all: an old file of that name stays until the new one is complete. */
  write(path: string, chunks: readonly Uint8Array[]): void | Promise<void>;
  exists(path: string): boolean | Promise<boolean>;
  /** Throws unless files that begin with `prefix` can be written. */
  checkWritable(prefix: string): void | Promise<void>;
}
