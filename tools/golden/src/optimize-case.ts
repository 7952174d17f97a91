import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { absorbBatchNorm, compareOutputs } from '@jacinto/bn-absorb';
import { Net } from '@jacinto/net';
import { blobValues, equals, type NetParameter, Phase } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { Quantizer } from '@jacinto/quantize';
import { type CaseContext, layerTolerance, missingReason, missingTypes } from './case-context.ts';
import { Comparison } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { compareArrays, setInputs } from './layer-case.ts';
import { missing, type Outcome } from './outcome.ts';
import { type RecordedBlob, type RecordedParam, readFloats, readJson, valuesAt } from './recorded.ts';
import { RecordedEdges } from './recorded-edges.ts';

interface RecordedForwards {
  forwards: { inputs: RecordedBlob[]; blobs_after: RecordedBlob[]; params_after: RecordedParam[] }[];
}

type Recording = 'before' | 'after' | 'in_memory';

const compat = 'caffe-jacinto-0.17';

/**
 * Batch norms merged into their neighbours: both files message by message as `caffe optimize` wrote them, blobs before,
 * after and merged in memory, all with the faults of caffe-jacinto 0.17; and by default, outputs as they were before.
 */
export function runOptimizeCase(folder: string, context: CaseContext, name = basename(folder)): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const before = readNetFile(join(folder, 'before.prototxt'));
    const weights = readWeightsFile(join(folder, 'before.caffemodel'));
    const reason = missingReason(missingTypes(before, Phase.TEST, context.registry));
    if (reason !== undefined) return missing(name, reason);
    const comparison = new Comparison();
    const expected = {
      net: readNetFile(join(folder, 'after.prototxt')),
      weights: readWeightsFile(join(folder, 'after.caffemodel')),
    };
    const built = await build(before, weights, context);
    const saved = built.toProto();
    await built.dispose();
    const merged = absorbBatchNorm(saved, undefined, { compat });
    compareWeights(merged.weights, expected.weights, comparison);
    if (!equals(merged.net, expected.net)) comparison.addFault('the prototxt is not that of after.prototxt');
    if (!equals(merged.weights, expected.weights)) comparison.addFault('the message is not that of after.caffemodel');
    const inMemory = absorbBatchNorm(saved, undefined, { compat, inMemory: true });
    const edges = new RecordedEdges();
    const run = { folder, context, comparison, edges };
    await compareForwards('before', before, weights, run);
    await compareForwards('after', expected.net, expected.weights, run);
    await compareForwards('in_memory', inMemory.net, inMemory.weights, run);
    await compareDefault(before, weights, run);
    return outcomeOf(name, comparison, edges.words());
  });
}

function build(
  param: NetParameter,
  weights: NetParameter,
  { backend, registry }: CaseContext,
  { edges, ...faults }: { compat?: typeof compat; edges?: RecordedEdges } = { compat },
): Promise<Net> {
  return Net.create(param, { backend, registry, phase: Phase.TEST, seed: 1, ...faults }).then((net) => {
    net.copyTrainedFrom(weights);
    if (!param.quantize) return net;
    const quantizer = new Quantizer({ rounding: 'cpu', ...faults });
    if (edges === undefined) net.use(quantizer);
    else edges.follow(net, quantizer);
    return net;
  });
}

function compareWeights(actual: NetParameter, expected: NetParameter, comparison: Comparison): void {
  for (const { name, blobs } of expected.layer) {
    const own = actual.layer.find((layer) => layer.name === name)?.blobs ?? [];
    if (own.length !== blobs.length) comparison.addFault(`${name} has ${own.length} blobs, not ${blobs.length}`);
    else
      for (const [i, blob] of blobs.entries())
        comparison.addExact(`${name}[${i}]`, blobValues(own[i]!), blobValues(blob));
  }
}

interface Run {
  folder: string;
  context: CaseContext;
  comparison: Comparison;
  /** Of the quantized nets among these. */
  edges: RecordedEdges;
}

/** Passes of one of the recordings, where it is there; `before` must be. */
async function compareForwards(
  kind: Recording,
  param: NetParameter,
  weights: NetParameter,
  { folder, context, comparison, edges }: Run,
): Promise<void> {
  if (kind !== 'before' && !existsSync(join(folder, `${kind}.json`))) return;
  const { forwards, arrays } = recording(folder, kind);
  const net = await build(param, weights, context, { compat, edges });
  for (const { inputs, blobs_after } of forwards) {
    edges.expect(new Map(blobs_after.map(({ blob, shape, data }) => [blob, arrays(shape, data!)])));
    setInputs(net, inputs, arrays);
    await net.forward();
    await compareArrays(net, blobs_after, [], { arrays, comparison, label: `${kind}: ` });
  }
  await net.dispose();
}

/** Merged by default, a net's outputs are those it had; the faults above are in neither. */
async function compareDefault(
  param: NetParameter,
  weights: NetParameter,
  { folder, context, comparison }: Omit<Run, 'edges'>,
): Promise<void> {
  const { forwards, arrays } = recording(folder, 'before');
  const outputs = async (one: NetParameter, own: NetParameter) => {
    const net = await build(one, own, context, {});
    setInputs(net, forwards[0]!.inputs, arrays);
    await net.forward();
    const values = net.outputs.map(({ name, tensor }) => [name, Float32Array.from(tensor.data.hostRead())] as const);
    await net.dispose();
    return new Map(values);
  };
  const merged = absorbBatchNorm(param, weights);
  const { relative } = compareOutputs(await outputs(param, weights), await outputs(merged.net, merged.weights));
  comparison.add('outputs before and after, by default', relative, layerTolerance);
}

function recording(folder: string, kind: Recording) {
  const path = join(folder, kind);
  const floats = readFloats(`${path}.bin`);
  return {
    ...readJson<RecordedForwards>(`${path}.json`),
    arrays: (shape: readonly number[], offset: number) => valuesAt(floats, offset, shape, `${path}.bin`),
  };
}
