import { blobShape, countOf } from '../blobs/blob-shape.ts';
import { blobValues, hasValues } from '../blobs/blob-values.ts';
import { makeBlob } from '../blobs/make-blob.ts';
import { CaffeError } from '../errors/index.ts';
import type { BlobProto, LayerParameter } from '../generated/messages.ts';
import { clone } from '../messages/merge.ts';
import { create, has } from '../messages/message.ts';

/** Whether a BatchNorm layer scales and shifts by itself (caffe-jacinto and NVCaffe): five blobs, or its param says so. */
export function isFused(layer: LayerParameter): boolean {
  const param = layer.batchNormParam;
  if (layer.blobs.length === 5) return true;
  return param !== undefined && (param.scaleBias || has(param, 'scaleFiller') || has(param, 'biasFiller'));
}

/** Whether five blobs stand in the old DIGITS order scale, bias, mean, variance, reserved (one value). */
export function isDigitsOrder(blobs: readonly BlobProto[]): boolean {
  return blobs.length === 5 && countOf(blobShape(blobs[4]!)) === 1 && countOf(blobShape(blobs[2]!)) > 1;
}

/** The blobs of a BatchNorm layer in the order mean, variance, correction, scale, bias (DIGITS' order brought to it). */
export function inNvOrder(blobs: readonly BlobProto[]): BlobProto[] {
  if (!isDigitsOrder(blobs)) return [...blobs];
  const [scale, bias, mean, variance, reserved] = blobs as [BlobProto, BlobProto, BlobProto, BlobProto, BlobProto];
  return [mean, variance, reserved, scale, bias];
}

/** A blob of shape [count] with these values, stored as `like` is (raw bytes or floats). */
export function channelBlob(values: Float32Array | Float64Array, like: BlobProto): BlobProto {
  return makeBlob([values.length], values, { format: has(like, 'rawData') ? 'nv' : 'bvlc' });
}

/** A blob as [C], where it was stored as 1×C×1×1; the blob itself where it has one axis already. */
export function asChannels(blob: BlobProto): BlobProto {
  const shape = blobShape(blob);
  if (shape.length === 1) return blob;
  const flat = clone(blob);
  for (const field of ['num', 'channels', 'height', 'width']) Reflect.deleteProperty(flat, field);
  flat.shape = create('BlobShape', { dim: [countOf(shape)] });
  return flat;
}

/** Mean and variance divided by BVLC's scale factor; a factor of 0 (nothing learnt yet) gives 0. */
export function dividedStatistics(layer: LayerParameter): [BlobProto, BlobProto, BlobProto] {
  const [mean, variance, factorBlob] = layer.blobs as [BlobProto, BlobProto, BlobProto];
  const factor = hasValues(factorBlob) ? blobValues(factorBlob)[0] : undefined;
  if (factor === undefined) {
    throw new CaffeError({
      code: 'bad-data',
      layer: layer.name,
      layerType: layer.type,
      problem: 'its third blob, the scale factor of its statistics, has no value',
      fix: 'give weights that hold it',
    });
  }
  if (factor === 1) return [asChannels(mean), asChannels(variance), factorBlob];
  const by = factor === 0 ? 0 : 1 / factor;
  const divided = (blob: BlobProto) =>
    channelBlob(
      blobValues(blob).map((value) => value * by),
      blob,
    );
  return [divided(mean), divided(variance), channelBlob(Float32Array.of(1), factorBlob)];
}
