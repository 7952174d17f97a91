export type {
  DatabaseBackend,
  DatabaseCursor,
  DatabaseReader,
  DatabaseRecord,
  DatabaseWriter,
} from './database/database.ts';
export { backendOf, databaseKind, openDatabase } from './database/open.ts';
export {
  type DatumValues,
  datumOfFile,
  datumOfImage,
  decodeDatum,
  encodeDatum,
  isEncoded,
  labelOf,
  rawValues,
  readDatum,
} from './datum/datum.ts';
export { type ImageListLine, readImageList } from './feed/image-list.ts';
export { type Hdf5Table, readHdf5, writeHdf5 } from './hdf5/hdf5-file.ts';
export { type ColorMode, type DecodeImageOptions, decodeImage, readImage, readImageBytes } from './image/decode.ts';
export { encodeImage, encodingOf, extensionOf } from './image/encode.ts';
export { type Image, imageOfPlanes, planesOf } from './image/image.ts';
export { type Interpolation, resize } from './image/resize.ts';
export { DataLayer } from './layers/data.ts';
export { DetectNetTransformationLayer } from './layers/detectnet-transformation.ts';
export { HDF5DataLayer } from './layers/hdf5-data.ts';
export { HDF5OutputLayer } from './layers/hdf5-output.ts';
export { ImageDataLayer } from './layers/image-data.ts';
export { dataLayers } from './layers/list.ts';
export { MemoryDataLayer } from './layers/memory-data.ts';
export { VideoDataLayer } from './layers/video-data.ts';
export { WindowDataLayer } from './layers/window-data.ts';
export { LmdbCursor } from './lmdb/cursor.ts';
export { keyText } from './lmdb/format.ts';
export type { LeafNode } from './lmdb/page.ts';
export { LmdbReader } from './lmdb/reader.ts';
export { LmdbWriter, type LmdbWriterOptions } from './lmdb/writer.ts';
export { RecordRandom } from './transform/record-random.ts';
export { type MeanImage, type RandomResize, type TransformSettings, transformSettings } from './transform/settings.ts';
export { type RecordShape, type Transformed, transformImage, transformValues } from './transform/transform.ts';
