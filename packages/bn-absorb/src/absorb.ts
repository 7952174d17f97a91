import {
  addingFacts,
  type BlobProto,
  blobShape,
  blobValues,
  CaffeError,
  carryLocation,
  checkWeightsShape,
  clone,
  create,
  has,
  type LayerParameter,
  type NetParameter,
  upgradeNet,
} from '@jacinto/proto';
import { checkFinite } from './blobs.ts';
import { type Run, type RunFinder, runsAfter, runsBefore, sharedParamNames } from './find-runs.ts';
import { graphOf } from './graph.ts';
import { channelsBeside, mergeAfter, mergeBefore } from './merge.ts';
import type { AbsorbOptions, AbsorbReport, Merge } from './options.ts';
import { testLayers } from './phase.ts';
import { removeRun } from './remove-run.ts';
import { identityBlobs, stepsOf } from './steps.ts';
import { reasonKept } from './why-kept.ts';

export interface Absorbed {
  /** The net for the TEST phase, without blobs. */
  net: NetParameter;
  /** The same net with blobs, as a .caffemodel holds it. */
  weights: NetParameter;
  report: AbsorbReport;
}

/**
 * Merges BatchNorm and Scale layers into the Convolution, Deconvolution or InnerProduct before them, or, where nothing
 * is before them and padding allows it, behind them (caffe-jacinto: Net::OptimizeNet). Layers are joined as the graph
 * says, not as the file orders them; a layer whose top another one reads too is left alone. Statistics may be NVCaffe's
 * (3 or 5 blobs) or BVLC's. Nothing given is changed; blobs that did not change are shared with the result.
 *
 * `net`: a prototxt's message; its TEST phase is taken. `weights`: a caffemodel's; default the net's own blobs.
 * @throws CaffeError where weights do not fit the net, are missing, or hold NaN.
 */
export function absorbBatchNorm(net: NetParameter, weights: NetParameter = net, options: AbsorbOptions = {}): Absorbed {
  const compat = options.compat !== undefined;
  const source = upToDate(net);
  const kept = testLayers(source);
  const layers = kept.map(withoutBlobs);
  const stored = storedBlobs(upToDate(weights));
  const blobs = layers.map((layer): readonly BlobProto[] => stored.get(layer.name ?? '') ?? []);
  checkFit(layers, blobs, stored);
  const finder: RunFinder = { layers, graph: graphOf(layers), blobs, sharedParams: sharedParamNames(layers) };
  const report: AbsorbReport = {
    merged: [],
    kept: [],
    leftOut: source.layer.filter((layer) => !kept.includes(layer)).map(({ name = '' }) => name),
    ignored: [...stored.keys()].filter((name) => !layers.some((layer) => layer.name === name)),
  };
  const gone = new Set<number>();
  const absorbed = new Set<number>();
  const apply = (run: Run): void => {
    const merge = applyRun(finder, blobs, run, options);
    if (merge === undefined) return;
    for (const index of run.members) absorbed.add(index);
    if (options.remove && removeRun(finder, run)) {
      for (const index of run.members) gone.add(index);
      merge.removed = true;
    }
    report.merged.push(merge);
  };
  for (const run of runsAfter(finder, compat)) apply(run);
  if (!compat) for (const run of runsBefore(finder, absorbed)) apply(run);
  report.kept = layers.flatMap((layer, index) =>
    layer.type !== 'BatchNorm' || absorbed.has(index)
      ? []
      : [{ layer: layer.name ?? '', reason: reasonKept(finder, index, compat) }],
  );
  const remaining = layers.flatMap((layer, index) => (gone.has(index) ? [] : [{ layer, blobs: blobs[index]! }]));
  return {
    net: withLayers(
      source,
      remaining.map(({ layer }) => layer),
    ),
    weights: withLayers(
      source,
      remaining.map(({ layer, blobs: own }) => (own.length === 0 ? layer : withBlobs(layer, own))),
    ),
    report,
  };
}

/** Merges one run; undefined, and nothing changed, where padding forbids it. */
function applyRun(
  { layers }: RunFinder,
  blobs: (readonly BlobProto[])[],
  { target, side, members }: Run,
  options: AbsorbOptions,
): Merge | undefined {
  const compat = options.compat !== undefined;
  const layer = layers[target]!;
  const run = members.map((index) => ({ layer: layers[index]!, blobs: blobs[index]! }));
  const merged = addingFacts({ layer: layer.name, layerType: layer.type }, () => {
    const channels = runChannels(
      layer,
      blobs[target]!,
      side,
      run.find((member) => member.layer.type === 'BatchNorm')!.blobs,
    );
    const steps = stepsOf(run, channels, compat);
    if (!compat) for (const [i, blob] of blobs[target]!.entries()) checkFinite(blobValues(blob), `blob ${i}`);
    return side === 'after'
      ? mergeAfter(layer, blobs[target]!, steps)
      : mergeBefore(layer, blobs[target]!, steps, channels);
  });
  if (merged === undefined) return undefined;
  const dropsBias = merged.biasAdded && compat && options.inMemory === true;
  blobs[target] = dropsBias ? merged.blobs.slice(0, 1) : merged.blobs;
  if (merged.biasAdded && !dropsBias) addBiasTerm(layer);
  members.forEach((index, i) => {
    blobs[index] = identityBlobs(run[i]!, compat);
  });
  return {
    ...{ layer: layer.name ?? '', layerType: layer.type ?? '', absorbed: run.map((member) => member.layer.name ?? '') },
    ...{ side, biasAdded: merged.biasAdded, removed: false },
  };
}

/** Channels that a run works on: those of the layer beside it; before an inner product those of the run's BatchNorm. */
function runChannels(
  layer: LayerParameter,
  own: readonly BlobProto[],
  side: 'after' | 'before',
  normBlobs: readonly BlobProto[],
): number {
  const beside = channelsBeside(layer, own, side);
  if (side === 'after' || layer.type !== 'InnerProduct' || normBlobs[0] === undefined) return beside;
  const channels = countOf(normBlobs[0]);
  return channels > 1 && beside % channels === 0 ? channels : beside;
}

const countOf = (blob: BlobProto): number => blobShape(blob).reduce((count, length) => count * length, 1);

function addBiasTerm(layer: LayerParameter): void {
  const field = layer.type === 'InnerProduct' ? 'innerProductParam' : 'convolutionParam';
  const param =
    layer[field] === undefined
      ? create(field === 'innerProductParam' ? 'InnerProductParameter' : 'ConvolutionParameter')
      : clone(layer[field]);
  param.biasTerm = true;
  param.biasFiller = create('FillerParameter', { type: 'constant', value: 0 });
  Object.assign(layer, { [field]: param });
}

/** @throws CaffeError where weights do not fit their layer, are those of quite another net, or a BatchNorm has none. */
function checkFit(
  layers: readonly LayerParameter[],
  blobs: readonly (readonly BlobProto[])[],
  stored: ReadonlyMap<string, readonly BlobProto[]>,
): void {
  for (const [index, layer] of layers.entries()) {
    const [first] = blobs[index]!;
    if (first !== undefined) checkWeightsShape(layer, blobShape(first));
  }
  const lacking = layers.find((layer, index) => layer.type === 'BatchNorm' && blobs[index]!.length === 0);
  if (lacking === undefined) return;
  const any = layers.some((layer) => stored.has(layer.name ?? ''));
  throw new CaffeError({
    code: 'missing',
    layer: lacking.name,
    layerType: lacking.type,
    problem: any ? 'has no blobs in the weights' : 'has no blobs in the weights, and no other layer of the net has any',
    fix: 'use the weights that were made with this net',
  });
}

function storedBlobs(weights: NetParameter): Map<string, readonly BlobProto[]> {
  return new Map(
    weights.layer.filter((layer) => layer.blobs.length > 0).map((layer) => [layer.name ?? '', layer.blobs]),
  );
}

function upToDate(net: NetParameter): NetParameter {
  if (!has(net, 'layers') && !has(net, 'input')) return net;
  const copy = clone(net);
  upgradeNet(copy);
  return copy;
}

function withoutBlobs(layer: LayerParameter): LayerParameter {
  const copy = Object.assign(create('LayerParameter'), layer);
  Reflect.deleteProperty(copy, 'blobs');
  carryLocation(layer, copy);
  return copy;
}

function withBlobs(layer: LayerParameter, blobs: readonly BlobProto[]): LayerParameter {
  return Object.assign(create('LayerParameter'), layer, { blobs: [...blobs] });
}

function withLayers(net: NetParameter, layer: LayerParameter[]): NetParameter {
  return Object.assign(create('NetParameter'), net, { layer });
}
