import { readFileSync } from 'node:fs';
import { CaffeError } from '@jacinto/proto/errors';

/** A recorded blob: offsets of its values and gradient in the bin file, in float32 elements. */
export interface RecordedBlob {
  blob: string;
  shape: number[];
  data?: number;
  diff?: number;
}

/** A recorded learned blob. */
export interface RecordedParam {
  layer: string;
  index: number;
  shape: number[];
  data?: number;
  diff?: number;
}

/** One forward pass before the one that is compared (batch norm's statistics move in it). */
export interface EarlierForward {
  inputs: RecordedBlob[];
  blobs_after?: RecordedBlob[];
  params_after?: RecordedParam[];
}

/** A case of a layer or small net (`NAME.json` beside `NAME.prototxt` and `NAME.bin`). */
export interface RecordedLayerCase {
  phase: 'TRAIN' | 'TEST';
  force_backward?: boolean;
  params_before?: RecordedParam[];
  earlier_forwards?: EarlierForward[];
  inputs?: RecordedBlob[];
  loss?: number | string;
  output_diffs?: RecordedBlob[];
  blobs_after: RecordedBlob[];
  params_after?: RecordedParam[];
}

/** What the blobs of a net with data layers held, forward by forward. */
export interface RecordedDump {
  phase: 'TRAIN' | 'TEST';
  iterations: { loss?: number | string; blobs: RecordedBlob[] }[];
}

/** @throws CaffeError 'missing', or 'syntax' where it is no JSON. */
export function readJson<T>(path: string): T {
  const text = readBytesOf(path).toString('utf8');
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new CaffeError(
      { code: 'syntax', file: path, problem: `is not JSON: ${(cause as Error).message}` },
      { cause },
    );
  }
}

/** Little-endian float32 values. @throws CaffeError 'missing', or 'bad-file' for a length that is no multiple of 4. */
export function readFloats(path: string): Float32Array {
  const bytes = readBytesOf(path);
  if (bytes.byteLength % 4 !== 0) {
    throw new CaffeError({ code: 'bad-file', file: path, problem: `has ${bytes.byteLength} bytes, no multiple of 4` });
  }
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** The values of an array that begins at `offset`. @throws CaffeError 'bad-file' where the file ends before. */
export function valuesAt(floats: Float32Array, offset: number, shape: readonly number[], file: string): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  if (offset + count > floats.length) {
    throw new CaffeError({
      code: 'bad-file',
      file,
      problem: `holds ${floats.length} values, but an array ends at ${offset + count}`,
    });
  }
  return floats.subarray(offset, offset + count);
}

/** Numbers of the json; C's nan and inf come as strings. */
export function recordedNumber(value: number | string): number {
  if (typeof value === 'number') return value;
  return /nan/i.test(value) ? Number.NaN : value.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function readBytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CaffeError({ code: 'missing', file: path, problem: 'the file cannot be read' }, { cause });
  }
}
