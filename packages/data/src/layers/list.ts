import type { LayerClass } from '@jacinto/net';
import { DataLayer } from './data.ts';
import { DetectNetTransformationLayer } from './detectnet-transformation.ts';
import { HDF5DataLayer } from './hdf5-data.ts';
import { HDF5OutputLayer } from './hdf5-output.ts';
import { ImageDataLayer } from './image-data.ts';
import { MemoryDataLayer } from './memory-data.ts';
import { VideoDataLayer } from './video-data.ts';
import { WindowDataLayer } from './window-data.ts';

/** The layers of this package, for a LayerRegistry. */
export const dataLayers: readonly LayerClass[] = [
  DataLayer,
  DetectNetTransformationLayer,
  HDF5DataLayer,
  HDF5OutputLayer,
  ImageDataLayer,
  MemoryDataLayer,
  VideoDataLayer,
  WindowDataLayer,
];
