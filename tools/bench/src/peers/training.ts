import { join } from 'node:path';
import type { Solver } from '@jacinto/solvers-mixed';
import { writeFloats } from '../floats.ts';
import type { Child } from './child.ts';
import { startPython } from './python.ts';

/** PyTorch with the solver's weights, pictures and labels, in that memory layout or in the faster one. */
export function startTorchTraining(
  { net }: Solver,
  folder: string,
  threads: number,
  layout?: 'contiguous' | 'channels_last',
): Promise<Child | { absent: string }> {
  const [weights, inputs] = [join(folder, 'weights'), join(folder, 'inputs')];
  const learned = net.layers.filter(({ type }) => type === 'Convolution' || type === 'InnerProduct');
  writeFloats(weights, ...learned.flatMap(({ layer }) => layer.blobs.map(({ data }) => data.hostRead())));
  writeFloats(inputs, net.blob('data').data.hostRead(), net.blob('label').data.hostRead());
  const args = [String(threads), weights, inputs];
  return startPython('torch_train.py', layout === undefined ? args : [...args, layout], threads);
}
