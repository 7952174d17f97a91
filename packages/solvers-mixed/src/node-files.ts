import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { decode } from '@jacinto/proto';
import { addingFacts, CaffeError } from '@jacinto/proto/errors';
import { ioError, readBytes, readNetFile, readWeightsFile, writeFileAtomic } from '@jacinto/proto/node';
import type { SolverFiles } from './files.ts';

/** The files of a folder; paths are relative to it (default: the current folder, as in Caffe). */
export function nodeFiles(baseFolder = '.'): SolverFiles {
  // relative paths stay as they are where the base is the current folder, so that messages show what the user wrote
  const at = (path: string): string => (baseFolder === '.' ? path : resolve(baseFolder, path));
  return {
    readNet: (path) => readNetFile(at(path)),
    readWeights: (path) => readWeightsFile(at(path)),
    readState: (path) => {
      const file = at(path);
      return addingFacts({ file }, () => decode('SolverState', readBytes(file), { file }));
    },
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
