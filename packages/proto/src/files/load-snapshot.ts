import { decode } from '../binary/decode.ts';
import { addingFacts } from '../errors/index.ts';
import type { NetParameter, SolverState } from '../generated/messages.ts';
import type { ReadOptions } from '../models/read.ts';
import { readWeightsFile } from './message-files.ts';
import { readBytes } from './read-file.ts';

/** Which form a file has is in its name, as Caffe decides; the HDF5 library is loaded on first use only. */
const isHdf5 = (path: string): boolean => path.endsWith('.h5');

/**
 * Weights in whichever form Caffe writes them: .caffemodel.h5, or .caffemodel.
 * @throws CaffeError naming the file: missing, truncated, or of another kind.
 */
export async function loadWeightsFile(path: string, options: Omit<ReadOptions, 'file'> = {}): Promise<NetParameter> {
  if (!isHdf5(path)) return readWeightsFile(path, options);
  const { readWeightsHdf5 } = await import('../hdf5/index.ts');
  return readWeightsHdf5(readBytes(path), { file: path });
}

/**
 * A solver's state in whichever form Caffe writes it: .solverstate.h5, or .solverstate.
 * @throws CaffeError naming the file: missing, truncated, or of another kind.
 */
export async function loadStateFile(path: string): Promise<SolverState> {
  if (!isHdf5(path)) return addingFacts({ file: path }, () => decode('SolverState', readBytes(path), { file: path }));
  const { readStateHdf5 } = await import('../hdf5/index.ts');
  return readStateHdf5(readBytes(path), { file: path });
}
