import { basename, dirname } from 'node:path';
import type { Tensor } from '@jacinto/core-tensor';
import { Net } from '@jacinto/net';
import { create, has, makeBlob, type NetParameter, Phase } from '@jacinto/proto';
import { readNetFile } from '@jacinto/proto/node';
import { type CaseContext, layerTolerance, missingReason, missingTypes } from './case-context.ts';
import { Comparison, largestOf, relativeError } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import {
  type RecordedBlob,
  type RecordedLayerCase,
  type RecordedParam,
  readFloats,
  readJson,
  recordedNumber,
  valuesAt,
} from './recorded.ts';

/** The arrays of one case. */
export type Arrays = (shape: readonly number[], offset: number) => Float32Array;

/** What the arrays of a pass are compared with and by. */
interface Judge {
  arrays: Arrays;
  comparison: Comparison;
  /** Goes before the names of arrays. */
  label: string;
  /** Largest values of all data and of all gradients. */
  largest: { data: number; diff: number };
}

/**
 * Runs a case of a layer or small net: loads its learned blobs and inputs, runs forward (and backward where the case
 * is a TRAIN one), and compares loss, blobs, gradients and learned blobs with what was recorded.
 * @param path the case without its ending: `PATH.prototxt`, `PATH.json` and `PATH.bin` are read
 * @param compat whose faults the layers repeat
 */
export function runLayerCase(
  path: string,
  context: CaseContext,
  name = basename(path),
  compat?: 'caffe-jacinto-0.17',
): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const recorded = readJson<RecordedLayerCase>(`${path}.json`);
    const floats = readFloats(`${path}.bin`);
    const arrays: Arrays = (shape, offset) => valuesAt(floats, offset, shape, `${path}.bin`);
    const param = readNetFile(`${path}.prototxt`);
    const phase = recorded.phase === 'TRAIN' ? Phase.TRAIN : Phase.TEST;
    const reason = missingReason(missingTypes(param, phase, context.registry));
    if (reason !== undefined) return missing(name, reason);
    if (phase === Phase.TRAIN && !has(param, 'forceBackward')) param.forceBackward = recorded.force_backward ?? true;
    const { backend, registry } = context;
    // Caffe's gradient of a blob that a ReLU changes in place is the one before that ReLU.
    const fusion = phase === Phase.TRAIN ? false : undefined;
    const options = { backend, registry, phase, seed: 1, baseFolder: dirname(path), compat, fusion };
    const net = await Net.create(param, options);
    try {
      const comparison = new Comparison();
      await runRecorded(net, recorded, arrays, comparison);
      return outcomeOf(name, comparison);
    } finally {
      await net.dispose();
    }
  });
}

async function runRecorded(
  net: Net,
  recorded: RecordedLayerCase,
  arrays: Arrays,
  comparison: Comparison,
): Promise<void> {
  const { params_before = [], earlier_forwards = [], inputs = [], output_diffs = [], params_after = [] } = recorded;
  net.copyTrainedFrom(weightsOf(net, params_before, arrays));
  for (const [i, { inputs, blobs_after = [], params_after = [] }] of earlier_forwards.entries()) {
    setInputs(net, inputs, arrays);
    await net.forward();
    await compareArrays(net, blobs_after, params_after, { arrays, comparison, label: `earlier forward ${i}: ` });
  }
  setInputs(net, inputs, arrays);
  net.clearParamDiffs();
  const loss = await net.forward();
  if (recorded.loss !== undefined) {
    comparison.add('loss', relativeError([loss], [recordedNumber(recorded.loss)]), layerTolerance);
  }
  if (net.phase === Phase.TRAIN) {
    for (const { blob, shape, diff } of output_diffs) net.blob(blob).diff.hostWrite().set(arrays(shape, diff!));
    await net.backward();
  }
  await compareArrays(net, recorded.blobs_after, params_after, { arrays, comparison, label: '' });
}

/** The recorded learned blobs as a weights message, so that they are loaded as a file's would be. */
export function weightsOf(net: Net, params: readonly RecordedParam[], arrays: Arrays): NetParameter {
  const names = [...new Set(params.map(({ layer }) => layer))];
  const layer = names.map((name) => {
    const own = params.filter((param) => param.layer === name).sort((a, b) => a.index - b.index);
    const blobs = own.map(({ shape, data }) => makeBlob(shape, arrays(shape, data!)));
    return create('LayerParameter', { name, type: net.layer(name).type, blobs });
  });
  return create('NetParameter', { layer });
}

export function setInputs(net: Net, inputs: readonly RecordedBlob[], arrays: Arrays): void {
  for (const { blob, shape, data } of inputs) {
    const tensor = net.blob(blob);
    tensor.reshape(shape);
    tensor.data.hostWrite().set(arrays(shape, data!));
  }
}

export async function compareArrays(
  net: Net,
  blobs: readonly RecordedBlob[],
  params: readonly RecordedParam[],
  { arrays, ...rest }: Omit<Judge, 'largest'>,
): Promise<void> {
  const all = [...blobs, ...params];
  const largest = (kind: 'data' | 'diff') =>
    Math.max(0, ...all.map((one) => (one[kind] === undefined ? 0 : largestOf(arrays(one.shape, one[kind])))));
  const judge: Judge = { arrays, ...rest, largest: { data: largest('data'), diff: largest('diff') } };
  for (const blob of blobs) await compareTensor(net.blob(blob.blob), blob, `blob ${blob.blob}`, judge);
  for (const param of params) {
    const name = `param ${param.layer}[${param.index}]`;
    const tensor = net.layer(param.layer).layer.blobs[param.index];
    if (tensor === undefined) judge.comparison.addFault(`${judge.label}${name} does not exist`);
    else await compareTensor(tensor, param, name, judge);
  }
}

async function compareTensor(
  tensor: Tensor,
  { shape, data, diff }: Pick<RecordedBlob, 'shape' | 'data' | 'diff'>,
  name: string,
  { arrays, comparison, label, largest }: Judge,
): Promise<void> {
  if (!tensor.hasShape(shape)) {
    comparison.addFault(`${label}${name} has the shape ${tensor.shapeString()}, not ${shape.join(' ')}`);
    return;
  }
  const add = (kind: 'data' | 'diff', actual: Float32Array, offset: number) => {
    const error = relativeError(actual, arrays(shape, offset), largest[kind]);
    comparison.add(`${label}${name} ${kind}`, error, layerTolerance);
  };
  if (data !== undefined) add('data', await tensor.data.read(), data);
  if (diff !== undefined) add('diff', await tensor.diff.read(), diff);
}
