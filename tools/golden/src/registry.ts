import { standardLayers } from '@jacinto/layers';
import { LayerRegistry } from '@jacinto/net';

/** Every layer type there is. */
export function allLayers(): LayerRegistry {
  return new LayerRegistry(standardLayers);
}
