import { createRegistry } from '@jacinto/caffe';
import type { LayerRegistry } from '@jacinto/net';

/** Every layer type there is. */
export function allLayers(): LayerRegistry {
  return createRegistry();
}
