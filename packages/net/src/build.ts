import { Tensor } from '@jacinto/core-tensor';
import { clone, create, has, type LayerParameter, type NetParameter, printText, upgradeNet } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { checkArity, topCount } from './arity.ts';
import { backwardNeed } from './backward-need.ts';
import { connect, type Graph } from './connect.ts';
import { layerContext, type NetState } from './context.ts';
import type { NetEvent } from './events.ts';
import { filterNet, isIncluded } from './filter.ts';
import { insertSplits } from './insert-splits.ts';
import { atLayer, inLayer, layerPlace } from './layer-place.ts';
import { inheritFromNet } from './layer-types.ts';
import { lossWeightsOf, movedLossWeights } from './loss-weights.ts';
import { automaticTop, type NetLayer } from './net-layer.ts';
import type { NetOptions } from './net-options.ts';
import { ParamTable } from './params.ts';
import { copyBlobs } from './weights.ts';

/** All parts of a net that was built. */
export interface NetParts {
  /** The net after filtering, before its splits (Caffe: net_param_). */
  param: NetParameter;
  state: NetState;
  layers: NetLayer[];
  blobs: Map<string, Tensor>;
  params: ParamTable;
  graph: Graph;
}

/** Builds a net in Caffe's order (Net::Init). What was built is disposed of where a step fails. */
export async function build(source: NetParameter, options: NetOptions): Promise<NetParts> {
  const emit = options.onEvent ?? (() => {});
  const param = filtered(source, options, emit);
  const phase = param.state!.phase;
  if (options.onEvent !== undefined)
    emit({ type: 'net-init', text: printText('NetParameter', withoutBlobs(param)), phase });
  const split = splitNet(param, source);
  inheritFromNet(split, phase, emit);
  const graph = connect(split.layer);
  warnOfSameNames(split.layer, emit);
  const parts: NetParts = {
    param,
    state: { seed: options.seed ?? Math.floor(Math.random() * 2 ** 32), forwardCount: 0 },
    layers: [],
    blobs: new Map(),
    params: new ParamTable(),
    graph,
  };
  try {
    for (let i = 0; i < split.layer.length; i++) await addLayer(parts, split, i, options, emit);
  } catch (error) {
    await disposeAll(parts);
    throw error;
  }
  markBackward(parts, split.forceBackward, emit);
  for (const blob of graph.outputs) emit({ type: 'output', blob });
  emit({ type: 'net-ready' });
  return parts;
}

/** The layers that take part in the state that the net and the options give. */
function filtered(source: NetParameter, options: NetOptions, emit: (event: NetEvent) => void): NetParameter {
  const param = Object.assign(create('NetParameter'), upToDate(source));
  const state = has(source, 'state') ? clone(source.state!) : create('NetState');
  state.phase = options.phase ?? state.phase;
  state.level = options.level ?? state.level;
  state.stage = [...state.stage, ...(options.stages ?? [])];
  param.state = state;
  return filterNet(param, state, emit);
}

/** The net in today's form: itself, or an upgraded copy where it has V1 layers or `input` fields. */
export function upToDate(source: NetParameter): NetParameter {
  if (!has(source, 'layers') && !has(source, 'input')) return source;
  const copy = clone(source);
  upgradeNet(copy);
  return copy;
}

function withoutBlobs(param: NetParameter): NetParameter {
  if (!param.layer.some((layer) => has(layer, 'blobs'))) return param;
  const layers = param.layer.map((layer) => Object.assign(create('LayerParameter'), layer, { blobs: [] }));
  return Object.assign(create('NetParameter'), param, { layer: layers });
}

/** Inserts splits; a bottom that is missing only because a layer was left out gets an error that says so. */
function splitNet(param: NetParameter, source: NetParameter): NetParameter {
  try {
    return insertSplits(param);
  } catch (error) {
    if (!(error instanceof CaffeError) || error.facts.code !== 'missing') throw error;
    const blob = /^"(.*)" is made by no layer$/.exec(error.facts.problem)?.[1];
    const maker = source.layer.find((layer) => layer.top.includes(blob ?? '') && !isIncluded(layer, param.state!));
    if (maker === undefined) throw error;
    const phase = param.state!.phase === 0 ? 'TRAIN' : 'TEST';
    throw new CaffeError({
      ...error.facts,
      fix: `layer "${maker.name ?? ''}" makes it, but its include or exclude rules leave it out (phase ${phase})`,
    });
  }
}

/** Weights and params are found by layer name. */
function warnOfSameNames(layers: readonly LayerParameter[], emit: (event: NetEvent) => void): void {
  const seen = new Set<string>();
  for (const { name = '' } of layers) {
    if (seen.has(name)) {
      emit({ type: 'warning', layer: name, message: 'another layer has the same name: weights go to the first' });
    }
    seen.add(name);
  }
}

async function addLayer(
  parts: NetParts,
  split: NetParameter,
  index: number,
  options: NetOptions,
  emit: (event: NetEvent) => void,
): Promise<void> {
  const param = split.layer[index]!;
  const { name = '', type = '' } = param;
  const netLayer = inLayer(param, (): NetLayer => {
    if (type === '')
      throw new CaffeError({ code: 'missing', field: 'type', problem: 'is missing', fix: 'say type: "…"' });
    const LayerType = options.registry.get(type);
    const layer = new LayerType(param, layerContext(options, parts.state, param, index, split.forceBackward));
    emit({ type: 'layer-created', layer: name, layerType: type, index });
    return join(parts, layer as NetLayer['layer'], index, options, emit);
  });
  parts.layers.push(netLayer);
  await setUp(netLayer, param, emit);
  inLayer(param, () => {
    netLayer.lossWeights.push(
      ...lossWeightsOf(netLayer.layer, netLayer.tops.length, movedLossWeights(split.layer, index)),
    );
    keepLossWeights(netLayer, param);
    logTops(netLayer, param, emit);
    parts.params.add(netLayer.layer, emit);
  });
}

/** Gives a layer its bottoms and makes its tops. */
function join(
  { blobs, graph }: NetParts,
  layer: NetLayer['layer'],
  index: number,
  { backend }: NetOptions,
  emit: (event: NetEvent) => void,
): NetLayer {
  const { name = '', type = '', bottom, top } = layer.layerParam;
  checkArity(layer, bottom.length, topCount(layer, top.length));
  for (const blob of bottom) emit({ type: 'bottom', layer: name, blob });
  const topNames = Array.from({ length: topCount(layer, top.length) }, (_, j) => top[j] ?? automaticTop);
  const tops = topNames.map((blob, j) => {
    const inPlace = graph.inPlace[index]![j] ?? false;
    emit({ type: 'top', layer: name, blob, inPlace });
    if (inPlace) return blobs.get(blob)!;
    const tensor = new Tensor(backend);
    if (j < top.length) blobs.set(blob, tensor);
    return tensor;
  });
  const bottoms = bottom.map((blob) => blobs.get(blob)!);
  return {
    name,
    type,
    index,
    layer,
    bottoms,
    tops,
    bottomNames: [...bottom],
    topNames,
    lossWeights: [],
    needsBackward: false,
    propagateDown: [],
  };
}

async function setUp({ layer, bottoms, tops }: NetLayer, param: LayerParameter, emit: (event: NetEvent) => void) {
  const name = param.name ?? '';
  emit({ type: 'setting-up', layer: name });
  await inLayer(param, () => layer.setUp(bottoms, tops));
  inLayer(param, () => layer.reshape(bottoms, tops));
  if (!has(param, 'blobs')) return;
  // Weights inside the net's own message: a caffemodel used as a net.
  inLayer(param, () => copyBlobs(layer, param.blobs, { emit, place: layerPlace(param) }));
  param.blobs = [];
}

/** As Caffe, a loss layer's default weight is written into its message, and so saved. */
function keepLossWeights({ lossWeights }: NetLayer, param: LayerParameter): void {
  if (param.lossWeight.length === 0 && lossWeights.some((weight) => weight !== 0)) param.lossWeight = [...lossWeights];
}

function logTops(netLayer: NetLayer, param: LayerParameter, emit: (event: NetEvent) => void): void {
  const { name, index, tops, topNames, lossWeights } = netLayer;
  tops.forEach((top, j) => {
    const blob = topNames[j]!;
    emit({ type: 'top-shape', phase: param.phase!, layer: name, index, blob, shape: top.shapeString() });
    if (lossWeights[j] !== 0) emit({ type: 'loss-weight', layer: name, blob, weight: lossWeights[j]! });
  });
}

function markBackward({ layers }: NetParts, forceBackward: boolean, emit: (event: NetEvent) => void): void {
  const facts = layers.map(({ bottomNames, topNames, layer, lossWeights }) => ({
    bottoms: bottomNames,
    tops: topNames.map((name) => (name === automaticTop ? '' : name)),
    paramsNeed: layer.blobs.map((_, i) => layer.paramPropagateDown[i] ?? true),
    propagateDown: layer.layerParam.propagateDown,
    lossWeights,
    allowForceBackward: (bottom: number) => layer.allowForceBackward(bottom),
  }));
  backwardNeed(facts, forceBackward).forEach(({ needsBackward, propagateDown }, i) => {
    layers[i]!.needsBackward = needsBackward;
    layers[i]!.propagateDown = propagateDown;
    if (forceBackward) layers[i]!.layer.paramPropagateDown.fill(true);
  });
  for (const { name, needsBackward } of [...layers].reverse()) {
    emit({ type: 'needs-backward', layer: name, needed: needsBackward });
  }
}

/** Frees all layers and blobs; the first error is thrown at the end. */
export async function disposeAll({ layers, blobs }: NetParts): Promise<void> {
  const errors: unknown[] = [];
  for (const netLayer of layers) {
    try {
      await netLayer.layer.dispose();
    } catch (error) {
      errors.push(atLayer(netLayer.layer.layerParam, error));
    }
    for (const top of netLayer.tops) top.dispose();
  }
  blobs.clear();
  if (errors.length > 0) throw errors[0];
}
