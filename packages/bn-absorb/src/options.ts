export interface AbsorbOptions {
  /**
   * Whether layers that became identities are taken out of the net; default false: they stay, as caffe-jacinto leaves
   * them (its import tools drop them).
   */
  remove?: boolean;
  /**
   * 'caffe-jacinto-0.17' does what `caffe optimize` of that version did, faults included: only convolutions followed by
   * BatchNorm and at most one Scale; a Scale behind a BatchNorm of five blobs is lost; eps as written, though the layer
   * itself uses 1e-5 at least; BVLC's factor (blob 2) is ignored; NaN passes.
   */
  compat?: 'caffe-jacinto-0.17';
  /**
   * With `compat`: what `caffe test --optimize_net` computed, where the bias of a convolution that had none is not
   * added. Default false.
   */
  inMemory?: boolean;
}

/** A layer into which others were merged. */
export interface Merge {
  layer: string;
  layerType: string;
  /** The layers that became identities, in order. */
  absorbed: string[];
  /** Whether they stood behind the layer or before it. */
  side: 'after' | 'before';
  /** Whether the layer had no bias and now has one. */
  biasAdded: boolean;
  /** Whether the absorbed layers were taken out. */
  removed: boolean;
}

/** A BatchNorm that stays as it was, and why. */
export interface Kept {
  layer: string;
  reason: string;
}

export interface AbsorbReport {
  merged: Merge[];
  kept: Kept[];
  /** Layers left out because they take no part in the TEST phase. */
  leftOut: string[];
  /** Layers of the weights that the net does not have. */
  ignored: string[];
}
