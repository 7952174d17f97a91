import type { LayerContext } from '@jacinto/net';
import { Phase } from '@jacinto/proto';

/**
 * Whether a layer that overwrites its input must keep a copy for `backward`: in TRAIN, and in a TEST net that was
 * built with force_backward. Elsewhere the copy would cost time and memory that nobody asked for.
 */
export function keepsInput(context: LayerContext): boolean {
  return context.phase === Phase.TRAIN || context.forceBackward === true;
}
