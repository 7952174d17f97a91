import type { Backend } from '@jacinto/core-tensor';
import type { NetEvent } from './events.ts';
import type { Net } from './net.ts';
import type { LayerRegistry } from './registry.ts';

/** How a net is built. */
export interface NetOptions {
  backend: Backend;
  /** The layer types it may use. */
  registry: LayerRegistry;
  /** Phase.TRAIN or Phase.TEST; default the prototxt's `state`, else TEST. */
  phase?: number;
  /** Default the prototxt's `state`, else 0. */
  level?: number;
  /** Added to those of the prototxt's `state`. */
  stages?: readonly string[];
  /** Seed of all random numbers, a whole number from 0 to 2³²−1; default another one for each net (see `net.seed`). */
  seed?: number;
  /** The solver's iteration; default always 0. */
  iteration?: () => number;
  /** Factor that losses multiply their gradient by (global_grad_scale); default always 1. */
  gradientScale?: () => number;
  /** Folder that relative paths of the prototxt start from; default the current one. */
  baseFolder?: string;
  /**
   * 'caffe-jacinto-0.17': layers repeat what that version does otherwise than by default, as on its CPU, so that old
   * results can be repeated: BatchNorm's running statistics, sums that overwrite their first input.
   */
  compat?: 'caffe-jacinto-0.17';
  /**
   * Whether layers may do the work of ReLU layers that follow them in place: the same values but for rounding, in less
   * time. Default true; false with `compat`, or where the environment says JACINTO_FUSION=0. The diff of such a blob
   * stays the gradient behind the ReLU.
   */
  fusion?: boolean;
  /**
   * For TEST nets that only run forward and whose outputs alone are read: blobs in between take turns in memory, and hold
   * nothing after a pass. Outputs, blobs of layers without bottoms, and those of `keep` have memory of their own. Default
   * false. Nothing takes turns where a plug-in looks at blobs, or with `compat`. Such nets also let a layer do the sum
   * behind it (`fusion`), where the backend has that: the layer's own blob then holds nothing.
   */
  reuseBuffers?: boolean | { keep: readonly string[] };
  /** Receives all that Caffe logs, and warnings. */
  onEvent?: (event: NetEvent) => void;
  /** A net whose weights are used (not copied) from the start, by layer name: the train net of a test net. */
  weightsFrom?: Net;
}
