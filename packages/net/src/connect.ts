import type { LayerParameter } from '@jacinto/proto';
import { locationOf } from '@jacinto/proto';
import { graphError } from './layer-place.ts';
import { plural, times } from './plural.ts';

/** How the layers of a net are joined, by blob names; every blob has one maker (in-place layers change it). */
export interface Graph {
  /** All blobs in the order of their making. */
  blobs: string[];
  /** Which tops of each layer are in place: top j is bottom j. */
  inPlace: boolean[][];
  /** Tops of Input layers. */
  inputs: string[];
  /** Blobs that no layer reads, in alphabetical order. */
  outputs: string[];
}

/**
 * Joins the layers of a net that has its splits (Caffe: Net::AppendBottom, AppendTop).
 * @throws CaffeError for a top made twice, a bottom that was read before, a propagate_down of the wrong length.
 */
export function connect(layers: readonly LayerParameter[]): Graph {
  const maker = new Map<string, LayerParameter>();
  const reader = new Map<string, LayerParameter>();
  const graph: Graph = { blobs: [], inPlace: [], inputs: [], outputs: [] };
  for (const layer of layers) {
    checkPropagateDown(layer);
    for (const blob of layer.bottom) {
      if (!maker.has(blob)) {
        throw graphError(layer, { code: 'missing', field: 'bottom', problem: `"${blob}" is made by no earlier layer` });
      }
      const before = reader.get(blob);
      if (before !== undefined) throw consumed(layer, blob, before);
      reader.set(blob, layer);
    }
    graph.inPlace.push(
      layer.top.map((blob, j) => {
        const inPlace = layer.bottom[j] === blob;
        const before = maker.get(blob);
        if (before !== undefined && !inPlace) throw madeTwice(layer, blob, before);
        if (!inPlace) graph.blobs.push(blob);
        if (layer.type === 'Input') graph.inputs.push(blob);
        maker.set(blob, layer);
        reader.delete(blob);
        return inPlace;
      }),
    );
  }
  graph.outputs = [...maker.keys()].filter((blob) => !reader.has(blob)).sort();
  return graph;
}

function checkPropagateDown(layer: LayerParameter): void {
  const { propagateDown, bottom } = layer;
  if (propagateDown.length === 0 || propagateDown.length === bottom.length) return;
  throw graphError(layer, {
    code: 'bad-value',
    field: 'propagate_down',
    problem: `is given ${times(propagateDown.length)}, but the layer has ${plural(bottom.length, 'bottom')}`,
    fix: 'give it once for each bottom, or not at all',
  });
}

function consumed(layer: LayerParameter, blob: string, before: LayerParameter): Error {
  return graphError(layer, {
    code: 'bad-value',
    field: 'bottom',
    problem: `"${blob}" is already read by layer "${before.name ?? ''}"`,
    fix: 'a blob has one reader: put a Split between them (insertSplits does)',
  });
}

function madeTwice(layer: LayerParameter, blob: string, before: LayerParameter): Error {
  const line = locationOf(before)?.line;
  const where = line === undefined ? '' : ` (line ${line})`;
  const splitOfIt = layer.bottom.some((bottom) => bottom.startsWith(`${blob}_`) && bottom.includes('_split_'));
  return graphError(layer, {
    code: 'bad-value',
    field: 'top',
    problem: `"${blob}" is already made by layer "${before.name ?? ''}"${where}`,
    fix: splitOfIt
      ? 'this layer cannot work in place, for other layers read its bottom too: give its top a name of its own'
      : 'give one of them another name',
  });
}
