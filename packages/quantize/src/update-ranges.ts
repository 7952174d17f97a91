import type { Tensor, Values } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import { type ClippedRangeOptions, clippedRange } from './clipped-range.ts';
import type { LayerState } from './layer-state.ts';
import type { QuantizableLayer } from './quantizable-net.ts';
import { averageRange, rangeOf, type SeenRange, type ValueRange } from './range.ts';

export interface UpdateRangesOptions {
  /** Weight of what this pass saw: 1 in the first one, later range_update_factor. */
  update: number;
  /** range_expansion_factor. */
  expansion: number;
  /** How the ranges of bottoms and tops are taken; blobs keep their least and greatest value. */
  calibration: ClippedRangeOptions;
  /** Hears of NaN and infinities in blobs; they are left out of the range. */
  onNotFinite: (layer: QuantizableLayer, count: number) => void;
}

/**
 * Takes up the ranges of all blobs after a whole forward pass (caffe-jacinto 0.17: UpdateQuantizationRangeInLayers).
 * In-place layers therefore all see the last content of their blob.
 * @throws CaffeError 'bad-data' where weights are NaN or infinite.
 */
export async function updateRanges(
  layers: readonly QuantizableLayer[],
  states: readonly LayerState[],
  { update, expansion, calibration, onNotFinite }: UpdateRangesOptions,
): Promise<void> {
  const known = new Map<Values, SeenRange>();
  const seen = async ({ data }: Tensor): Promise<SeenRange> => {
    const range = known.get(data) ?? clippedRange(await data.read(), calibration);
    known.set(data, range);
    return range;
  };
  for (const [i, layer] of layers.entries()) {
    const state = states[i]!;
    const average = async (ranges: ValueRange[], blobs: readonly Tensor[], isTop: boolean): Promise<void> => {
      for (const [b, blob] of blobs.entries()) {
        const now = await seen(blob);
        if (now.notFinite > 0 && isTop) onNotFinite(layer, now.notFinite);
        if (now.notFinite < blob.count || blob.count === 0)
          ranges[b] = averageRange(ranges[b]!, now, update, expansion);
      }
    };
    await average(state.bottoms, layer.bottoms, false);
    await average(state.tops, layer.tops, true);
    for (const [b, blob] of layer.layer.blobs.entries()) {
      const { min, max, notFinite } = rangeOf(await blob.data.read());
      if (notFinite > 0) throw badWeights(layer, b, notFinite, blob.count);
      state.blobs[b] = { min, max };
    }
  }
}

export function badWeights(
  { name, type }: { name: string; type: string },
  blob: number,
  bad: number,
  count: number,
): CaffeError {
  return new CaffeError({
    code: 'bad-data',
    layer: name,
    layerType: type,
    field: `blob ${blob}`,
    problem: `has ${bad} of ${count} values that are NaN or infinite`,
    fix: 'quantize weights of a training that did not diverge',
  });
}
