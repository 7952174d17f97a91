import { CaffeError } from '@jacinto/proto';

/** Which weights may differ from 0: one byte a weight, 0 or 1 (caffe-jacinto: a blob's connectivity). */
export type Mask = Uint8Array;

/** The mask that holds the present zeros fast. */
export function maskOf(values: Float32Array): Mask {
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < mask.length; i++) mask[i] = values[i] !== 0 ? 1 : 0;
  return mask;
}

/** Zeroes the weights that the mask does not let through, in place. */
export function applyMask(values: Float32Array, mask: Mask): void {
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) values[i] = 0;
}

/** A mask as text for JSON: its bits, lowest first, in base64. */
export function maskText(mask: Mask): string {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) bytes[i >> 3]! |= mask[i]! << (i & 7);
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** The mask of `count` weights from its text. @throws CaffeError 'bad-file' where the text is not one of that length. */
export function maskFromText(text: string, count: number): Mask {
  let bytes = '';
  try {
    bytes = atob(text);
  } catch {
    // worded below
  }
  if (bytes.length !== Math.ceil(count / 8)) {
    throw new CaffeError({
      code: 'bad-file',
      problem: `the saved mask is not one of ${count} weights`,
      fix: 'resume with the net that wrote the snapshot',
    });
  }
  return Uint8Array.from({ length: count }, (_, i) => (bytes.charCodeAt(i >> 3) >> (i & 7)) & 1);
}
