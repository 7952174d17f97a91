import type { Tensor } from '@jacinto/core-tensor';
import type { LayerParameter, NetParameter } from '@jacinto/proto';

/** What the plug-in needs of a layer in a net; a NetLayer of `@jacinto/net` is one. */
export interface QuantizableLayer {
  readonly name: string;
  readonly type: string;
  /** Position in the net, splits counted. */
  readonly index: number;
  readonly layer: { readonly layerParam: LayerParameter; readonly blobs: readonly Tensor[] };
  readonly bottoms: readonly Tensor[];
  readonly tops: readonly Tensor[];
}

/** What the plug-in needs of a net; a Net of `@jacinto/net` is one. */
export interface QuantizableNet {
  readonly name: string;
  readonly param: NetParameter;
  readonly phase: number;
  /** Seed of random numbers (stochastic rounding). */
  readonly seed: number;
  readonly layers: readonly QuantizableLayer[];
}
