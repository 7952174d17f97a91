import type { SolverParameter } from '@jacinto/proto';

/** One step of a run: a command of the project, as a user would type it. */
export interface Stage {
  /** Short; also the folder, within the run's, that holds its log and its snapshots. */
  name: string;
  title: string;
  /** What it does and why, for a reader who sees it for the first time: a sentence or two. */
  about: string;
  package: '@jacinto/caffe' | '@jacinto/caffe-tools';
  command: string;
  /** Paths in them are relative to the run's folder, in which the command runs. */
  args: readonly string[];
  /** A training; its solver is written to NAME/solver.prototxt, its snapshots lie beside it. */
  training?: { solver: SolverParameter };
  /** What it writes and refuses to write over, relative to the run's folder: what a stopped run left is removed first. */
  writes?: string;
  /** The net as it stands after this stage; relative to the run's folder. Steps that only prepare have none. */
  result?: { model: string; weights: string };
  /** What others measured, to be printed beside ours. */
  published?: { accuracy?: number };
}

/** A stage was stopped by the user: it goes on when the same run is started again. */
export class StageStopped extends Error {
  override readonly name = 'StageStopped';
}

/** The file in a stage's folder with all that its command wrote; there once the stage has ended well. */
export const logName = 'run.log';
