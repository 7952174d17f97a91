import type { Values } from '@jacinto/core-tensor';
import type { Net } from '@jacinto/net';
import { encodeChunks, type SolverState, writeWeightsChunks } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import type { OutputValue } from './events.ts';
import type { SolverFiles } from './files.ts';
import { learnedNetCandidates, snapshotNames } from './snapshot-names.ts';
import { type ExactState, exactStateOf, historyBlobs, makeState, restoreHistory } from './solver-state.ts';

export interface SnapshotContent {
  net: Net;
  history: readonly (readonly Values[])[];
  iter: number;
  step: number;
  exact: ExactState;
}

export interface SnapshotOptions {
  prefix: string;
  /** What the tests gave, for the file names (test_and_snapshot_last_epochs). */
  scores: readonly OutputValue[];
  files: SolverFiles;
  /** Both files as HDF5, in Caffe's layout (snapshot_format). */
  hdf5: boolean;
  /** Blobs as `data`, which every Caffe reads, instead of `raw_data` (store_blobs_in_old_format). */
  oldFormat: boolean;
  /** Gradients too (snapshot_diff). */
  withDiff: boolean;
  /** Told before each file is written. */
  onFile: (kind: 'weights' | 'state', file: string) => void;
}

/**
 * Writes both files of a snapshot, weights first, so that a state never names weights that are not whole.
 * @throws CaffeError 'io' naming the file; what was there before stays.
 */
export async function writeSnapshot(content: SnapshotContent, options: SnapshotOptions): Promise<string> {
  const { prefix, scores, files, hdf5, oldFormat, withDiff, onFile } = options;
  const names = snapshotNames(
    prefix,
    content.iter,
    scores.map(({ value }) => value),
    hdf5,
  );
  const format = oldFormat ? 'bvlc' : 'nv';
  onFile('weights', names.weights);
  await content.net.readParams({ diff: withDiff });
  const message = content.net.toProto({ diff: withDiff, format });
  const library = hdf5 ? await import('@jacinto/proto/hdf5') : undefined; // loaded only where it is wanted
  const weights = await library?.writeWeightsHdf5(message, { diff: withDiff });
  await files.write(names.weights, weights === undefined ? writeWeightsChunks(message, { format }) : [weights]);
  onFile('state', names.state);
  const shapes = content.net.learnableParams.map(({ tensor }) => tensor.shape);
  const { iter, step, exact } = content;
  const history = await historyBlobs(content.history, shapes, format);
  const state = makeState({ iter, step, learnedNet: names.weights, history, exact });
  const bytes = await library?.writeStateHdf5(state);
  await files.write(names.state, bytes === undefined ? encodeChunks('SolverState', state) : [bytes]);
  return names.state;
}

export interface RestoredSnapshot {
  iter: number;
  step: number;
  exact: ExactState | undefined;
}

/**
 * Reads a snapshot into a net and a history (Caffe: Solver::Restore).
 * @throws CaffeError where the weights are missing or do not fit.
 */
export async function readSnapshot(
  path: string,
  { net, history }: Pick<SnapshotContent, 'net' | 'history'>,
  files: SolverFiles,
): Promise<RestoredSnapshot> {
  const state = await files.readState(path);
  if (state.iter === undefined && state.history.length === 0) {
    throw new CaffeError({
      code: 'bad-file',
      file: path,
      problem: 'is no solver state: it holds neither an iteration nor history',
      fix: 'give the .solverstate of a snapshot; a .caffemodel goes to --weights',
    });
  }
  await copyLearnedNet(path, state, net, files);
  try {
    const params = net.learnableParams.map(({ tensor }) => tensor);
    restoreHistory(state.history, params, history);
    return { iter: state.iter ?? 0, step: state.currentStep, exact: exactStateOf(state) };
  } catch (error) {
    throw error instanceof CaffeError ? error.with({ file: path }) : error;
  }
}

async function copyLearnedNet(path: string, state: SolverState, net: Net, files: SolverFiles): Promise<void> {
  if (state.learnedNet === undefined || state.learnedNet === '') return;
  const candidates = learnedNetCandidates(state.learnedNet, path);
  for (const candidate of candidates) {
    if (!(await files.exists(candidate))) continue;
    net.copyTrainedFrom(await files.readWeights(candidate), { file: candidate });
    return;
  }
  throw new CaffeError({
    code: 'missing',
    file: path,
    field: 'learned_net',
    problem: `names weights that are not there; looked for ${candidates.join(', ')}`,
    fix: 'put the .caffemodel of the snapshot beside the .solverstate',
  });
}
