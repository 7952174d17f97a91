import { joinChunks } from '../binary/backward-writer.ts';
import { encodeChunks } from '../binary/encode.ts';
import { blobShape } from '../blobs/blob-shape.ts';
import { blobDiff, blobValues, hasValues } from '../blobs/blob-values.ts';
import { type BlobType, makeBlob } from '../blobs/make-blob.ts';
import { addingFacts } from '../errors/index.ts';
import { type BlobProto, type LayerParameter, type NetParameter, Type } from '../generated/messages.ts';
import { has } from '../messages/message.ts';
import { shallow } from '../messages/shallow.ts';

export interface WriteWeightsOptions {
  /**
   * 'nv' (default): blobs as `raw_data`, as caffe-jacinto 0.17 writes. 'bvlc': as `data` or `double_data`, which every
   * Caffe reads; FLOAT16 blobs become floats.
   */
  format?: 'nv' | 'bvlc';
}

/** The bytes of a .caffemodel. The net itself is not changed. */
export function writeWeights(net: NetParameter, options: WriteWeightsOptions = {}): Uint8Array {
  return joinChunks(writeWeightsChunks(net, options));
}

/** As `writeWeights`, in chunks: the blobs' own memory wherever their type allows it. */
export function writeWeightsChunks(net: NetParameter, { format = 'nv' }: WriteWeightsOptions = {}): Uint8Array[] {
  const copy = shallow(net);
  copy.layer = net.layer.map((layer) => withBlobs(layer, format));
  return encodeChunks('NetParameter', copy);
}

function withBlobs(layer: LayerParameter, format: 'nv' | 'bvlc'): LayerParameter {
  if (!has(layer, 'blobs')) return layer;
  const copy = shallow(layer);
  copy.blobs = layer.blobs.map((blob, i) =>
    addingFacts({ layer: layer.name, layerType: layer.type, record: `blob ${i}` }, () => converted(blob, format)),
  );
  return copy;
}

/** A blob in the wanted format; one that has it already is passed on as it is. */
export function converted(blob: BlobProto, format: 'nv' | 'bvlc'): BlobProto {
  const isRaw = has(blob, 'rawData') || has(blob, 'rawDiff');
  const isOld = has(blob, 'data') || has(blob, 'doubleData') || has(blob, 'diff') || has(blob, 'doubleDiff');
  if (format === 'nv' ? !isOld : !isRaw) return blob;
  const diff = blobDiff(blob);
  const values = hasValues(blob) ? blobValues(blob) : new Float32Array(diff.length);
  const half = format === 'nv' && !has(blob, 'doubleData') && !has(blob, 'data') && blob.rawDataType === Type.FLOAT16;
  const type: BlobType = half ? 'FLOAT16' : values instanceof Float64Array ? 'DOUBLE' : 'FLOAT';
  return makeBlob(blobShape(blob), values, { format, type, diff: diff.length > 0 ? diff : undefined });
}
