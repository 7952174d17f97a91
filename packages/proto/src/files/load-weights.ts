import type { NetParameter } from '../generated/messages.ts';
import type { ReadOptions } from '../models/read.ts';
import { readWeightsFile } from './message-files.ts';
import { readBytes } from './read-file.ts';

/**
 * Weights in whichever form Caffe writes them: HDF5 where the name ends in `.h5` (as Caffe decides), else a
 * .caffemodel. The HDF5 library is loaded on first use only.
 * @throws CaffeError naming the file: missing, truncated, or of another kind.
 */
export async function loadWeightsFile(path: string, options: Omit<ReadOptions, 'file'> = {}): Promise<NetParameter> {
  if (!path.endsWith('.h5')) return readWeightsFile(path, options);
  const { readWeightsHdf5 } = await import('../hdf5/index.ts');
  return readWeightsHdf5(readBytes(path), { file: path });
}
