import type { Tensor } from '@jacinto/core-tensor';
import type { LayerParameter } from '@jacinto/proto';
import type { Layer } from './layer.ts';

/** A layer in its net: what it is joined to, and what it has to compute. */
export interface NetLayer {
  readonly name: string;
  readonly type: string;
  /** Position in the net after filtering and split insertion. */
  readonly index: number;
  readonly layer: Layer;
  readonly bottoms: Tensor[];
  readonly tops: Tensor[];
  readonly bottomNames: string[];
  /** Tops that the prototxt does not name are '(automatic)'. */
  readonly topNames: string[];
  /** Loss weight of each top. */
  readonly lossWeights: number[];
  /** Whether `backward` runs this layer. */
  needsBackward: boolean;
  /** For which bottoms backward computes a gradient. */
  propagateDown: boolean[];
}

export const automaticTop = '(automatic)' as const;

/** The message that a layer was built from. */
export const paramOf = ({ layer }: NetLayer): LayerParameter => layer.layerParam;
