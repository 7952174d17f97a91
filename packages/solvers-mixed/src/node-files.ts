import { closeSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { UpgradeResult } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { ioError, loadStateFile, loadWeightsFile, readNetFile, writeFileAtomic } from '@jacinto/proto/node';
import type { SolverFiles } from './files.ts';

/**
 * The files of a folder; paths are relative to it (default: the current folder, as in Caffe). `onUpgrade` hears of nets
 * and weights of an older form.
 */
export function nodeFiles(
  baseFolder = '.',
  onUpgrade: (file: string, result: UpgradeResult) => void = () => {},
): SolverFiles {
  // relative paths stay as they are where the base is the current folder, so that messages show what the user wrote
  const at = (path: string): string => (baseFolder === '.' ? path : resolve(baseFolder, path));
  return {
    readNet: (path) => readNetFile(at(path), { onUpgrade: (result) => onUpgrade(path, result) }),
    readWeights: (path) => loadWeightsFile(at(path), { onUpgrade: (result) => onUpgrade(path, result) }),
    readState: (path) => loadStateFile(at(path)),
    write: (path, chunks) => writeFileAtomic(at(path), chunks),
    exists: (path) => existsSync(at(path)),
    checkWritable: (prefix) => checkWritable(at(prefix)),
  };
}

/** Makes and removes a file of the snapshots' name, as Caffe does, so that a long run does not fail at its first one. */
function checkWritable(prefix: string): void {
  const probe = `${prefix}_iter_0.tempfile`;
  try {
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
    removeLeftovers(prefix);
  } catch (error) {
    throw cannotWrite(prefix, error);
  }
}

function cannotWrite(prefix: string, error: unknown): CaffeError {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
    const folder = dirname(prefix);
    return new CaffeError({
      code: 'missing',
      field: 'snapshot_prefix',
      problem: `is "${prefix}", but the folder ${folder} does not exist`,
      fix: `make it first: mkdir -p ${folder}`,
    });
  }
  return ioError(error, prefix, 'written').with({ field: 'snapshot_prefix' });
}

/** Removes what a run that was killed while it wrote a snapshot left behind; files of running programs stay. */
function removeLeftovers(prefix: string): void {
  const folder = dirname(prefix);
  for (const name of readdirSync(folder)) {
    // as writeFileAtomic names them: .<file>.<process>.<count>.tmp
    if (!name.startsWith(`.${basename(prefix)}_iter_`)) continue;
    const pid = /\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
