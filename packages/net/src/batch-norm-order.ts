import { type BlobProto, blobShape, blobValues } from '@jacinto/proto';

const countOf = (blob: BlobProto): number => blobShape(blob).reduce((count, length) => count * length, 1);

/**
 * Blobs of a BatchNorm in today's order: mean, variance, correction, scale, bias. Files of old NVCaffe (DIGITS) hold
 * five in the order scale, bias, mean, variance, reserved (one value); the one-value blob tells them apart. With one
 * channel all have one value: then a correction of exactly 1 marks today's order.
 */
export function inUsualOrder(blobs: readonly BlobProto[]): readonly BlobProto[] {
  if (blobs.length !== 5 || countOf(blobs[4]!) !== 1) return blobs;
  if (countOf(blobs[0]!) === 1 && blobValues(blobs[2]!)[0] === 1) return blobs;
  const [scale, bias, mean, variance, reserved] = blobs;
  return [mean!, variance!, reserved!, scale!, bias!];
}
