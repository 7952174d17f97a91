import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, runCommand } from './run-command.ts';
import { writeSolver } from './solver-file.ts';
import { logName, type Stage, StageStopped } from './stage.ts';

export interface RunOptions {
  /** The run's folder. */
  folder: string;
  /** More arguments of every caffe command, such as --backend=onednn. */
  more?: readonly string[];
  /** A stage begins, with the command as one would type it; or it was done in an earlier run. */
  onStage?: (stage: Stage, command: string | undefined) => void;
  onLine?: (stage: Stage, line: string) => void;
}

/**
 * Runs the stages one after the other. What an earlier run has done is not done again; a training that was stopped goes
 * on from its last snapshot. What follows a stage that had to run is done anew, for it rests on it.
 * @throws StageStopped on Ctrl-C; CaffeError where a command fails.
 */
export async function runStages(stages: readonly Stage[], { folder, more = [], ...on }: RunOptions): Promise<void> {
  let stale = false;
  for (const stage of stages) {
    if (stale) rmSync(join(folder, stage.name), { recursive: true, force: true });
    if (isDone(folder, stage)) {
      on.onStage?.(stage, undefined);
      continue;
    }
    const args = [...argsOf(folder, stage), ...(stage.command === 'caffe' ? more : [])];
    on.onStage?.(stage, commandLine(stage, args));
    await run(folder, { ...stage, args }, (line) => on.onLine?.(stage, line));
    stale = true;
  }
}

/** The command as one would type it. */
export function commandLine({ command }: Stage, args: readonly string[]): string {
  return [command, ...args.map((arg) => (/^[-\w=./:,]+$/.test(arg) ? arg : `'${arg}'`))].join(' ');
}

export function isDone(folder: string, stage: Stage): boolean {
  const { training, result, name } = stage;
  if (!existsSync(join(folder, name, logName))) return false;
  if (training !== undefined && lastSnapshot(folder, stage) < (training.solver.maxIter ?? 0)) return false;
  return result === undefined || existsSync(join(folder, result.weights));
}

/** A training's arguments with the snapshot it goes on from; --weights is for its beginning. */
function argsOf(folder: string, stage: Stage): readonly string[] {
  const last = lastSnapshot(folder, stage);
  if (stage.training === undefined || last === 0) return stage.args;
  const state = `--snapshot=${stage.name}/${stage.name}_iter_${last}.solverstate`;
  return [...stage.args.filter((arg) => !arg.startsWith('--weights')), state];
}

/** Iteration of the newest snapshot; 0: none. */
function lastSnapshot(folder: string, { name }: Stage): number {
  if (!existsSync(join(folder, name))) return 0;
  const found = readdirSync(join(folder, name)).flatMap((file) => /_iter_(\d+)\.solverstate$/.exec(file)?.[1] ?? []);
  return Math.max(0, ...found.map(Number));
}

async function run(folder: string, stage: Stage, onLine: (line: string) => void): Promise<void> {
  mkdirSync(join(folder, stage.name), { recursive: true });
  const log = join(folder, stage.name, `${logName}.part`);
  if (stage.training === undefined) rmSync(log, { force: true });
  if (stage.writes !== undefined) rmSync(join(folder, stage.writes), { recursive: true, force: true });
  const options: CommandOptions = { ...stage, folder, log, onLine };
  if (stage.training !== undefined) writeSolver(folder, stage.name, stage.training.solver);
  const killed = await runCommand(options);
  const stoppedEarly = stage.training !== undefined && lastRun(readFileSync(log, 'utf8')).includes(stopLine);
  if (stoppedEarly || killed) {
    const at = stage.training === undefined ? '' : ` at iteration ${lastSnapshot(folder, stage)}`;
    throw new StageStopped(`${stage.title} was stopped${at}`);
  }
  renameSync(log, join(folder, stage.name, logName));
}

const stopLine = 'Optimization stopped early.';

/** What the last command wrote to a log that several have written, each after another was stopped. */
function lastRun(log: string): string {
  return log.slice(Math.max(0, log.lastIndexOf('This is Jacinto')));
}
