import { bytesOf, swap } from '../binary/packed.ts';
import { CaffeError } from '../errors/index.ts';
import { type BlobProto, Type } from '../generated/messages.ts';
import { create } from '../messages/message.ts';
import { countOf } from './blob-shape.ts';
import { floatToHalf } from './half.ts';

export type BlobType = 'FLOAT' | 'DOUBLE' | 'FLOAT16';

export interface MakeBlobOptions {
  /** Values of the diff; absent: none is written. */
  diff?: ArrayLike<number>;
  /** 'nv' (default): `raw_data` bytes, as caffe-jacinto writes. 'bvlc': `data` or `double_data`, which every Caffe reads. */
  format?: 'nv' | 'bvlc';
  /** Type of the stored values; by default DOUBLE for a Float64Array, else FLOAT. FLOAT16 needs format 'nv'. */
  type?: BlobType;
}

/**
 * A BlobProto of `shape` with `values` in C order. Values of the stored type are not copied: the message holds a view.
 * @throws CaffeError where the counts differ, or for FLOAT16 in the bvlc format (which has no such field).
 */
export function makeBlob(
  shape: readonly number[],
  values: ArrayLike<number>,
  options: MakeBlobOptions = {},
): BlobProto {
  const { diff, format = 'nv', type = values instanceof Float64Array ? 'DOUBLE' : 'FLOAT' } = options;
  const blob = create('BlobProto', { shape: { dim: [...shape] } });
  checkCount(shape, values, 'data');
  if (diff !== undefined) checkCount(shape, diff, 'diff');
  if (format === 'nv') {
    blob.rawDataType = Type[type];
    blob.rawData = rawBytes(values, type);
    if (diff === undefined) return blob;
    blob.rawDiffType = Type[type];
    blob.rawDiff = rawBytes(diff, type);
    return blob;
  }
  if (type === 'FLOAT16') {
    const problem = 'FLOAT16 cannot be stored in the bvlc format';
    throw new CaffeError({ code: 'unsupported', problem, fix: "use type 'FLOAT', or format 'nv'" });
  }
  if (type === 'DOUBLE') {
    blob.doubleData = typed(values, Float64Array);
    if (diff !== undefined) blob.doubleDiff = typed(diff, Float64Array);
  } else {
    blob.data = typed(values, Float32Array);
    if (diff !== undefined) blob.diff = typed(diff, Float32Array);
  }
  return blob;
}

function checkCount(shape: readonly number[], values: ArrayLike<number>, field: string): void {
  const count = countOf(shape);
  if (values.length === count) return;
  const problem = `has ${values.length} values, the shape ${shape.join(' × ') || '(one value)'} needs ${count}`;
  throw new CaffeError({ code: 'bad-shape', field, problem });
}

function typed<T extends Float32Array | Float64Array>(
  values: ArrayLike<number>,
  type: new (v: ArrayLike<number>) => T,
): T {
  return values instanceof type ? values : new type(values);
}

function rawBytes(values: ArrayLike<number>, type: BlobType): Uint8Array {
  if (type === 'DOUBLE') return bytesOf(typed(values, Float64Array));
  if (type === 'FLOAT') return bytesOf(typed(values, Float32Array));
  const halves = floatToHalf(values);
  const bytes = new Uint8Array(halves.buffer);
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  return littleEndian ? bytes : swap(bytes, 2);
}
