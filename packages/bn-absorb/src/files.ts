import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { CaffeError, type NetParameter, printText } from '@jacinto/proto';
import { ioError, writeFileAtomic, writeWeightsFile } from '@jacinto/proto/node';

export interface OutputFiles {
  prototxt: string;
  caffemodel: string;
}

/** The files that a merged model goes to: the names of the ones it came from, in another folder. */
export function outputFiles(model: string, weights: string, folder: string): OutputFiles {
  const stem = (path: string) => basename(path, extname(path));
  const files = {
    prototxt: join(folder, `${stem(model)}.prototxt`),
    caffemodel: join(folder, `${stem(weights)}.caffemodel`),
  };
  for (const input of [model, weights]) {
    for (const output of Object.values(files)) {
      if (resolve(input) !== resolve(output)) continue;
      throw new CaffeError({ code: 'usage', file: input, problem: 'would be overwritten', fix: 'give another folder' });
    }
  }
  return files;
}

/** Makes a folder where it is missing, and those above it. */
export function makeFolder(folder: string): void {
  // Not mkdir's `recursive`: it never ends where the system denies that an existing parent exists (as /proc does).
  try {
    if (existsSync(folder)) return;
    if (dirname(folder) !== folder) makeFolder(dirname(folder));
    mkdirSync(folder);
  } catch (error) {
    throw error instanceof CaffeError ? error : ioError(error, folder, 'made');
  }
}

/** Writes both files of a model, weights first, each whole or not at all. */
export function writeModel(files: OutputFiles, net: NetParameter, weights: NetParameter): void {
  writeWeightsFile(files.caffemodel, weights);
  writeFileAtomic(files.prototxt, printText('NetParameter', net));
}
