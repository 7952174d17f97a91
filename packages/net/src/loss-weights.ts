import type { LayerParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import type { Layer } from './layer.ts';
import { plural, times } from './plural.ts';

/**
 * The loss weight of each top: the prototxt's, else the layer's defaults (Caffe: Layer::SetLossWeights).
 * `moved`: tops whose weight a Split carries; they have none of their own (Caffe counts such a loss twice).
 * @throws CaffeError where there are more or fewer weights than tops.
 */
export function lossWeightsOf(layer: Layer, tops: number, moved: ReadonlySet<number> = new Set()): number[] {
  const given = layer.layerParam.lossWeight;
  if (given.length > 0 && given.length !== tops) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'loss_weight',
      problem: `is given ${times(given.length)}, but the layer has ${plural(tops, 'top')}`,
      fix: 'give it once for each top, or not at all',
    });
  }
  return Array.from({ length: tops }, (_, i) =>
    given.length > 0 ? given[i]! : moved.has(i) ? 0 : layer.defaultLossWeight(i),
  );
}

/** Tops of layer `index` whose loss weight was moved to the Split that reads them (by `insertSplits`). */
export function movedLossWeights(layers: readonly LayerParameter[], index: number): Set<number> {
  const moved = new Set<number>();
  const tops = layers[index]!.top;
  for (let i = index + 1; i < layers.length && layers[i]!.type === 'Split'; i++) {
    const { bottom, lossWeight } = layers[i]!;
    const top = tops.indexOf(bottom[0] ?? '');
    if (top >= 0 && lossWeight.some((weight) => weight !== 0)) moved.add(top);
  }
  return moved;
}
