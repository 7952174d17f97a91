import type { LayerClass } from '@jacinto/net';
import { DataLayer } from './data.ts';
import { ImageDataLayer } from './image-data.ts';
import { MemoryDataLayer } from './memory-data.ts';

/** The layers of this package, for a LayerRegistry. */
export const dataLayers: readonly LayerClass[] = [DataLayer, ImageDataLayer, MemoryDataLayer];
