import { dataLayers } from '@jacinto/data';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry } from '@jacinto/net';

/** A registry with every layer of Jacinto; add your own with `register`. */
export function createRegistry(): LayerRegistry {
  return new LayerRegistry(standardLayers, dataLayers);
}
