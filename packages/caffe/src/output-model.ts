import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CaffeError, type NetParameter, printText } from '@jacinto/proto';
import { writeFileAtomic, writeWeightsFile } from '@jacinto/proto/node';
import { type OutputModelPaths, outputModelPaths } from '@jacinto/quantize';
import type { CaffeFlags } from './flags.ts';
import type { Log } from './glog.ts';

/**
 * The two files that --output_model (or 0.16's --output) names; undefined where neither is given.
 * @throws CaffeError 'usage' where they are those that were read, 'missing' without their folder: not after hours of work.
 */
export function outputPathsOf({ output_model, output, model, weights }: CaffeFlags): OutputModelPaths | undefined {
  const argument = output_model !== '' ? output_model : output;
  if (argument === '') return undefined;
  const paths = outputModelPaths(argument);
  for (const file of [model, weights]) {
    if (![paths.prototxt, paths.caffemodel].some((path) => resolve(path) === resolve(file))) continue;
    throw new CaffeError({ code: 'usage', file, problem: 'would be overwritten', fix: 'give another --output_model' });
  }
  const folder = dirname(paths.prototxt);
  if (existsSync(folder)) return paths;
  throw new CaffeError({ code: 'missing', file: folder, problem: 'there is no such folder', fix: 'make it first' });
}

/** @throws CaffeError 'usage' where none is given. */
export function requiredOutputPaths(flags: CaffeFlags): OutputModelPaths {
  const paths = outputPathsOf(flags);
  if (paths !== undefined) return paths;
  const problem = 'need a name for the model that is made';
  throw new CaffeError({ code: 'usage', problem, fix: 'give --output_model=FOLDER/NAME' });
}

/** Writes a net as prototxt and its weights; `what` goes into the log. @throws CaffeError 'io' naming the file. */
export function saveModel(
  log: Log,
  what: string,
  { prototxt, caffemodel }: OutputModelPaths,
  model: { net: NetParameter; weights: NetParameter },
): void {
  log.info('caffe.cpp:863', `Snapshotting ${what} prototxt to file ${prototxt}`);
  writeFileAtomic(prototxt, printText('NetParameter', model.net));
  log.info('caffe.cpp:869', `Snapshotting ${what} caffemodel to file ${caffemodel}`);
  writeWeightsFile(caffemodel, model.weights);
}
