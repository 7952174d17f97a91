import {
  carryLocation,
  clone,
  create,
  has,
  type LayerParameter,
  type NetParameter,
  nearest,
  Type,
} from '@jacinto/proto';
import { graphError } from './layer-place.ts';

/** A top, and all that reads it. */
interface Produced {
  layer: LayerParameter;
  index: number;
  /** Bottoms that read it, and 1 for its loss weight. */
  uses: number;
  lossWeight: number;
  /** Index of the split top for the next reader. */
  next: number;
}

/**
 * The net with a Split layer after each top that is used more than once, as bottom or for its loss weight
 * (Caffe: InsertSplits). Every layer of the result is a copy.
 * @throws CaffeError for a bottom that no earlier layer makes.
 */
export function insertSplits(param: NetParameter): NetParameter {
  const { tops, sources } = connections(param.layer);
  const split = Object.assign(create('NetParameter'), param);
  split.layer = [];
  param.layer.forEach((original, i) => {
    const layer = clone(original);
    layer.bottom = layer.bottom.map((blob, j) => {
      const source = sources[i]![j]!;
      return source.uses > 1 ? splitBlobName(source, blob, source.next++) : blob;
    });
    split.layer.push(layer);
    const moved: number[] = [];
    for (const top of tops[i]!) {
      if (top.uses <= 1) continue;
      split.layer.push(splitLayer(top));
      if (top.lossWeight === 0) continue;
      top.next++;
      moved.push(top.index);
    }
    if (moved.length > 0) layer.lossWeight = remainingWeights(layer, moved);
  });
  return split;
}

/** The loss weights of a layer, some of whose tops gave theirs to a split; none at all where no other is left. */
function remainingWeights(layer: LayerParameter, moved: readonly number[]): number[] {
  const kept = Array.from(layer.lossWeight, (weight, j) => (moved.includes(j) ? 0 : weight));
  return kept.some((weight) => weight !== 0) ? kept : [];
}

function connections(layers: readonly LayerParameter[]): { tops: Produced[][]; sources: Produced[][] } {
  const latest = new Map<string, Produced>();
  const tops: Produced[][] = [];
  const sources: Produced[][] = [];
  for (const layer of layers) {
    sources.push(
      layer.bottom.map((blob, index) => {
        const source = latest.get(blob);
        if (source === undefined) throw unknownBottom(layers, layer, index, [...latest.keys()]);
        source.uses++;
        return source;
      }),
    );
    const made = layer.top.map((blob, index): Produced => {
      const top = { layer, index, uses: 0, lossWeight: 0, next: 0 };
      latest.set(blob, top);
      return top;
    });
    made.slice(0, layer.lossWeight.length).forEach((top, index) => {
      top.lossWeight = layer.lossWeight[index]!;
      if (top.lossWeight !== 0) top.uses++;
    });
    tops.push(made);
  }
  return { tops, sources };
}

function splitLayer({ layer, index, uses, lossWeight }: Produced): LayerParameter {
  const blob = layer.top[index]!;
  const names = Array.from({ length: uses }, (_, k) => splitBlobName({ layer, index }, blob, k));
  const split = create('LayerParameter', {
    name: `${blob}_${layer.name ?? ''}_${index}_split`,
    type: 'Split',
    bottom: [blob],
    top: names,
    lossWeight: lossWeight === 0 ? [] : names.map((_, k) => (k === 0 ? lossWeight : 0)),
  });
  inheritTypes(layer, split);
  carryLocation(layer, split);
  return split;
}

/** A split computes in its producer's types, in FLOAT at least. */
function inheritTypes(from: LayerParameter, to: LayerParameter): void {
  if (has(from, 'forwardType')) to.forwardType = from.forwardType;
  if (has(from, 'backwardType')) to.backwardType = from.backwardType;
  const math = (own: 'forwardMath' | 'backwardMath', type: 'forwardType' | 'backwardType'): void => {
    if (has(from, own)) to[own] = from[own];
    else if (has(from, type)) to[own] = Math.min(Type.FLOAT, from[type]);
  };
  math('forwardMath', 'forwardType');
  math('backwardMath', 'backwardType');
}

function splitBlobName({ layer, index }: Pick<Produced, 'layer' | 'index'>, blob: string, k: number): string {
  return `${blob}_${layer.name ?? ''}_${index}_split_${k}`;
}

function unknownBottom(
  layers: readonly LayerParameter[],
  layer: LayerParameter,
  index: number,
  known: string[],
): Error {
  const blob = layer.bottom[index]!;
  const maker = layers.find(({ top }) => top.includes(blob));
  const problem =
    maker === undefined
      ? `"${blob}" is made by no layer`
      : maker === layer
        ? `"${blob}" is made by this very layer only`
        : `"${blob}" is made only later, by layer "${maker.name ?? ''}"`;
  const near = nearest(blob, known);
  const fix =
    maker !== undefined
      ? 'layers run in the order of the file: let an earlier layer make it'
      : near !== undefined
        ? `did you mean "${near}"?`
        : known.length === 0
          ? 'begin the net with an Input or data layer'
          : known.length <= 8
            ? `use one of ${known.join(', ')}`
            : 'give the name of a top of an earlier layer';
  return graphError(layer, { code: 'missing', field: 'bottom', problem, fix });
}
