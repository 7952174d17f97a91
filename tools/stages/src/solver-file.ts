import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clone, printText, type SolverParameter } from '@jacinto/proto';

/**
 * A solver whose whole schedule (tests, snapshots, steps of sparsity) is shortened or stretched alike, to end after
 * `iterations`. Tests stay about as many, at an interval that divides `iterations`, so that the last one sees the end.
 */
export function rescaled(solver: SolverParameter, iterations: number): SolverParameter {
  const scaled = clone(solver);
  const { maxIter = iterations } = solver;
  const scale = (value: number) => Math.max(1, Math.round((value * iterations) / maxIter));
  scaled.maxIter = iterations;
  scaled.testInterval = intervalNear(maxIter / solver.testInterval, iterations);
  if (solver.snapshot > 0) scaled.snapshot = scale(solver.snapshot);
  if (solver.displaySparsity > 0) scaled.displaySparsity = scale(solver.displaySparsity);
  if (solver.sparseMode !== 0) {
    scaled.sparsityStartIter = solver.sparsityStartIter === 0 ? 0 : scale(solver.sparsityStartIter);
    scaled.sparsityStepIter = scale(solver.sparsityStepIter);
  }
  return scaled;
}

/** The interval that divides `iterations` into as many parts as fit under `count`. */
function intervalNear(count: number, iterations: number): number {
  let parts = Math.max(1, Math.min(iterations, Math.round(count)));
  while (iterations % parts !== 0) parts--;
  return iterations / parts;
}

/** Writes a stage's solver, as STAGE/solver.prototxt in the run's folder; snapshots go beside it. */
export function writeSolver(folder: string, stage: string, solver: SolverParameter): void {
  const own = clone(solver);
  own.snapshotPrefix = `${stage}/${stage}`;
  mkdirSync(join(folder, stage), { recursive: true });
  writeFileSync(join(folder, stage, 'solver.prototxt'), printText('SolverParameter', own));
}
