import { parseText, printText } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import type { LayerState } from './layer-state.ts';
import type { ValueRange } from './range.ts';

/** What the plug-in must keep for a training to go on exactly; plain JSON. */
export interface QuantizerState {
  version: 1;
  /** Forward passes that have run. */
  passes: number;
  disabled: boolean;
  /** By the net's order. */
  layers: SavedLayer[];
}

interface SavedLayer {
  /** quantization_param as text, which can say infinity. */
  param?: string;
  bottoms: ValueRange[];
  tops: ValueRange[];
  blobs: ValueRange[];
}

export function saveLayer({ param, bottoms, tops, blobs }: LayerState): SavedLayer {
  const text = param === undefined ? undefined : printText('QuantizationParameter', param);
  return { param: text, bottoms: [...bottoms], tops: [...tops], blobs: [...blobs] };
}

/** @throws CaffeError 'bad-file' where the state is not of a net with these layers. */
export function restoreLayers(states: readonly LayerState[], { version, layers }: QuantizerState): void {
  const fits = (saved: SavedLayer | undefined, { bottoms, tops, blobs }: LayerState): boolean =>
    saved?.bottoms?.length === bottoms.length &&
    saved.tops?.length === tops.length &&
    saved.blobs?.length === blobs.length;
  if (version !== 1 || layers?.length !== states.length || !states.every((state, i) => fits(layers[i], state))) {
    throw new CaffeError({
      code: 'bad-file',
      problem: 'the saved ranges of quantization are not those of this net',
      fix: 'resume with the net, and the version, that wrote the snapshot',
    });
  }
  for (const [i, state] of states.entries()) {
    const { param, bottoms, tops, blobs } = layers[i]!;
    state.param = param === undefined ? undefined : parseText('QuantizationParameter', param);
    Object.assign(state, { bottoms: [...bottoms], tops: [...tops], blobs: [...blobs] });
  }
}
