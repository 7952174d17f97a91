/** Scores beyond these are not put into a name. */
const mostScores = 5;

/**
 * Names of a snapshot's files: `<prefix>_iter_<iter>.caffemodel` and `.solverstate` (Caffe: Solver::SnapshotFilename).
 * HDF5 files have `.h5` appended. Scores, five at most, go into the name of the weights: `<prefix>_iter_90_score0_0.93_score1_0.21.caffemodel`.
 */
export function snapshotNames(
  prefix: string,
  iter: number,
  scores: readonly number[] = [],
  hdf5 = false,
): { weights: string; state: string } {
  const stem = `${prefix}_iter_${iter}`;
  const shown = scores.slice(0, mostScores).map((score, i) => `_score${i}_${Number(score.toPrecision(6))}`);
  const end = hdf5 ? '.h5' : '';
  return { weights: `${stem}${shown.join('')}.caffemodel${end}`, state: `${stem}.solverstate${end}` };
}

/**
 * Where the weights of a solver state may lie, in the order to try: as it names them; beside the state, for files that
 * were moved; and beside it under the state's own name, for files that were moved and renamed.
 */
export function learnedNetCandidates(learnedNet: string, statePath: string): string[] {
  const slash = Math.max(statePath.lastIndexOf('/'), statePath.lastIndexOf('\\'));
  const folder = statePath.slice(0, slash + 1);
  const name = learnedNet.slice(Math.max(learnedNet.lastIndexOf('/'), learnedNet.lastIndexOf('\\')) + 1);
  const own = statePath.replace(/\.solverstate(\.h5)?$/, '.caffemodel$1');
  return [...new Set([learnedNet, folder + name, own])];
}
