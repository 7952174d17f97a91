import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BlobProto, blobShape, blobValues } from '@jacinto/proto';
import { loadStateFile, loadWeightsFile } from '@jacinto/proto/node';
import { trainingTolerance } from './case-context.ts';
import { type Comparison, largestOf, relativeError } from './compare.ts';

/**
 * Compares snapshots of a recorded run with those of this run. The history of parameters that do not learn is left
 * out: BVLC decays batch norm's statistics there, with no effect on anything.
 * @param recorded paths of .caffemodel or .caffemodel.h5 files, each with or without its .solverstate beside it
 * @param written folder that this run wrote into
 * @param trained of each parameter, in the order of the history: whether it learns
 * @param tolerance of weights
 */
export async function compareSnapshots(
  recorded: readonly string[],
  written: string,
  trained: readonly boolean[],
  comparison: Comparison,
  tolerance = trainingTolerance,
): Promise<void> {
  for (const expected of recorded) {
    const actual = join(written, basename(expected));
    if (!existsSync(actual)) {
      comparison.addFault(`${basename(expected)} was not written`);
      continue;
    }
    await compareWeights(actual, expected, comparison, tolerance);
    const state = (path: string) => path.replace(/\.caffemodel(\.h5)?$/, '.solverstate$1');
    if (existsSync(state(expected))) await compareStates(state(actual), state(expected), trained, comparison);
  }
}

async function compareWeights(
  actual: string,
  expected: string,
  comparison: Comparison,
  tolerance: number,
): Promise<void> {
  const ours = new Map((await loadWeightsFile(actual)).layer.map((layer) => [layer.name, layer.blobs]));
  const layers = (await loadWeightsFile(expected)).layer;
  const like = largestOfAll(layers.flatMap(({ blobs }) => blobs));
  for (const { name, blobs } of layers) {
    const own = ours.get(name) ?? [];
    const label = `${basename(actual)} ${name}`;
    if (own.length !== blobs.length) comparison.addFault(`${label} has ${own.length} blobs, not ${blobs.length}`);
    else
      for (const [i, blob] of blobs.entries())
        compareBlob(`${label}[${i}]`, own[i]!, blob, { like, comparison, tolerance });
  }
}

async function compareStates(
  actual: string,
  expected: string,
  trained: readonly boolean[],
  comparison: Comparison,
): Promise<void> {
  const [ours, theirs] = [await loadStateFile(actual), await loadStateFile(expected)];
  const label = basename(actual);
  if (ours.iter !== theirs.iter) comparison.addFault(`${label}: iter is ${ours.iter}, not ${theirs.iter}`);
  if (ours.currentStep !== theirs.currentStep) {
    comparison.addFault(`${label}: current_step is ${ours.currentStep}, not ${theirs.currentStep}`);
  }
  if (ours.history.length !== theirs.history.length) {
    comparison.addFault(`${label}: ${ours.history.length} history arrays, not ${theirs.history.length}`);
    return;
  }
  const like = largestOfAll(theirs.history);
  for (const [i, blob] of theirs.history.entries()) {
    if (!trained[i % trained.length]) continue;
    const judge = { like, comparison, tolerance: trainingTolerance };
    compareBlob(`${label} history[${i}]`, ours.history[i]!, blob, judge);
  }
}

function largestOfAll(blobs: readonly BlobProto[]): number {
  return Math.max(0, ...blobs.map((blob) => largestOf(blobValues(blob))));
}

function compareBlob(
  array: string,
  actual: BlobProto,
  expected: BlobProto,
  { like, comparison, tolerance }: { like: number; comparison: Comparison; tolerance: number },
): void {
  const [ours, theirs] = [blobShape(actual).join(' '), blobShape(expected).join(' ')];
  if (ours !== theirs) comparison.addFault(`${array} has the shape ${ours}, not ${theirs}`);
  else comparison.add(array, relativeError(blobValues(actual), blobValues(expected), like), tolerance);
}
