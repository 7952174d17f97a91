import { CaffeError } from '../errors/index.ts';
import type { BlobProto } from '../generated/messages.ts';
import { has } from '../messages/message.ts';

const legacyFields = ['num', 'channels', 'height', 'width'] as const;

/** Whether a blob states its shape by the old num, channels, height and width. */
export function hasLegacyShape(blob: BlobProto): boolean {
  return legacyFields.some((field) => has(blob, field));
}

/**
 * A blob's shape: the legacy num, channels, height, width where any of them is present (those absent are 0), else
 * `shape.dim`; a blob without either has shape [] (one value). @throws CaffeError on negative or absurd dims.
 */
export function blobShape(blob: BlobProto): number[] {
  const dims = hasLegacyShape(blob) ? legacyFields.map((field) => blob[field]) : [...(blob.shape?.dim ?? [])];
  for (const dim of dims) {
    if (Number.isInteger(dim) && dim >= 0 && dim <= 2 ** 31 - 1) continue;
    throw new CaffeError({
      code: 'bad-shape',
      field: 'shape.dim',
      problem: `is ${dims.join(' × ')}: ${dim} is no length of an axis`,
      fix: 'use 0 to 2147483647',
    });
  }
  return dims;
}

/** The number of values of a shape; 1 for []. */
export const countOf = (shape: readonly number[]): number => shape.reduce((count, dim) => count * dim, 1);
