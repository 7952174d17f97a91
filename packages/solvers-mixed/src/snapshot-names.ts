/** Names of a snapshot's files: `<prefix>_iter_<iter>.caffemodel` and `.solverstate` (Caffe: Solver::SnapshotFilename). */
export function snapshotNames(prefix: string, iter: number): { weights: string; state: string } {
  const stem = `${prefix}_iter_${iter}`;
  return { weights: `${stem}.caffemodel`, state: `${stem}.solverstate` };
}

/**
 * Where the weights of a solver state may lie, in the order to try: as it names them; beside the state, for files that
 * were moved; and beside it under the state's own name, for files that were moved and renamed.
 */
export function learnedNetCandidates(learnedNet: string, statePath: string): string[] {
  const slash = Math.max(statePath.lastIndexOf('/'), statePath.lastIndexOf('\\'));
  const folder = statePath.slice(0, slash + 1);
  const name = learnedNet.slice(Math.max(learnedNet.lastIndexOf('/'), learnedNet.lastIndexOf('\\')) + 1);
  const own = statePath.replace(/\.solverstate$/, '.caffemodel');
  return [...new Set([learnedNet, folder + name, own])];
}
