import { type BlobProto, has, type LayerParameter } from '@jacinto/proto';
import { type Graph, soleReader, type Value } from './graph.ts';
import { isSums } from './steps.ts';

/** Layers of a run, by index, and the layer beside it that it goes into. */
export interface Run {
  target: number;
  side: 'after' | 'before';
  members: number[];
}

export interface RunFinder {
  layers: readonly LayerParameter[];
  graph: Graph;
  /** Blobs by layer index. */
  blobs: readonly (readonly BlobProto[])[];
  /** Names of params that more than one layer uses. */
  sharedParams: ReadonlySet<string>;
}

const mergeTypes: readonly string[] = ['Convolution', 'Deconvolution', 'InnerProduct'];

/** Runs behind convolutions, deconvolutions and inner products. Under compat only what caffe-jacinto 0.17 matches. */
export function runsAfter(at: RunFinder, compat: boolean): Run[] {
  const runs: Run[] = [];
  at.layers.forEach((layer, target) => {
    if (compat ? layer.type !== 'Convolution' : !mergeTypes.includes(layer.type ?? '')) return;
    if (!compat && targetProblem(at, target) !== undefined) return;
    const members = compat ? compatMembers(at, target) : membersFrom(at, at.graph.tops[target]![0]);
    if (members.some((index) => at.layers[index]!.type === 'BatchNorm')) runs.push({ target, side: 'after', members });
  });
  return runs;
}

/** Runs that begin with a BatchNorm or Scale nobody has taken and end at a convolution, deconvolution or inner product. */
export function runsBefore(at: RunFinder, taken: ReadonlySet<number>): Run[] {
  const runs: Run[] = [];
  const seen = new Set(taken);
  at.layers.forEach((_, first) => {
    if (seen.has(first) || memberProblem(at, first) !== undefined) return;
    const rest = membersFrom(at, at.graph.tops[first]![0]);
    const members = [first, ...rest];
    for (const index of members) seen.add(index);
    const target = soleReader(at.graph.tops[members.at(-1)!]![0]);
    if (target === undefined || !mergeTypes.includes(at.layers[target]!.type ?? '')) return;
    if (at.layers[target]!.bottom.length !== 1 || targetProblem(at, target) !== undefined) return;
    if (members.some((index) => at.layers[index]!.type === 'BatchNorm')) runs.push({ target, side: 'before', members });
  });
  return runs;
}

/** Affine layers that follow a value, each the only reader of the one before. */
function membersFrom(at: RunFinder, start: Value | undefined): number[] {
  const members: number[] = [];
  let value = start;
  for (let index = soleReader(value); index !== undefined; index = soleReader(value)) {
    if (memberProblem(at, index) !== undefined) break;
    members.push(index);
    value = at.graph.tops[index]![0];
  }
  return members;
}

/** BatchNorm, or BatchNorm and Scale, right behind a layer: the patterns of caffe-jacinto 0.17. */
function compatMembers(at: RunFinder, target: number): number[] {
  const next = (index: number): number | undefined => soleReader(at.graph.tops[index]?.[0]);
  const norm = next(target);
  if (norm === undefined || at.layers[norm]!.type !== 'BatchNorm') return [];
  const scale = next(norm);
  const isScale = scale !== undefined && at.layers[scale]!.type === 'Scale' && at.layers[scale]!.bottom.length === 1;
  return isScale ? [norm, scale] : [norm];
}

/** Why a layer is no affine step by channel, or undefined where it is one. */
export function memberProblem(at: RunFinder, index: number): string | undefined {
  const layer = at.layers[index]!;
  if (layer.type !== 'BatchNorm' && layer.type !== 'Scale') return 'it is no BatchNorm and no Scale';
  if (layer.bottom.length !== 1 || layer.top.length !== 1) return 'it has several bottoms or tops';
  if (sharesParams(at, layer)) return 'it shares its parameters with another layer';
  if (layer.type === 'Scale') {
    const { axis = 1, numAxes = 1 } = layer.scaleParam ?? {};
    return numAxes === 0 || (axis === 1 && numAxes === 1) ? undefined : 'it does not scale by channel';
  }
  const param = layer.batchNormParam;
  const blobs = at.blobs[index]!;
  const usesBatch = param !== undefined && has(param, 'useGlobalStats') && !param.useGlobalStats;
  if (usesBatch && blobs.length === 3 && isSums(blobs))
    return 'use_global_stats is false: it uses each batch’s own statistics';
  return undefined;
}

/** Why nothing can be merged into a convolution, deconvolution or inner product; undefined where it can. */
export function targetProblem(at: RunFinder, index: number): string | undefined {
  const layer = at.layers[index]!;
  if (sharesParams(at, layer)) return 'shares its weights with another layer';
  const axis = (layer.type === 'InnerProduct' ? layer.innerProductParam : layer.convolutionParam)?.axis ?? 1;
  if (axis !== 1) return `works along axis ${axis}, not along channels`;
  if (layer.bottom.length !== 1 || layer.top.length !== 1) return 'has several bottoms and tops';
  return undefined;
}

function sharesParams(at: RunFinder, layer: LayerParameter): boolean {
  return layer.param.some((param) => has(param, 'name') && at.sharedParams.has(param.name!));
}

/** Names of params that several layers use. */
export function sharedParamNames(layers: readonly LayerParameter[]): Set<string> {
  const users = new Map<string, number>();
  for (const layer of layers) {
    const names = new Set(layer.param.map((param) => param.name ?? '').filter((name) => name !== ''));
    for (const name of names) users.set(name, (users.get(name) ?? 0) + 1);
  }
  return new Set([...users].filter(([, count]) => count > 1).map(([name]) => name));
}
