import { floatsOf, swap } from '../binary/packed.ts';
import { CaffeError } from '../errors/index.ts';
import { type BlobProto, Type } from '../generated/messages.ts';
import { has } from '../messages/message.ts';
import { blobShape, countOf } from './blob-shape.ts';
import { halfToFloat } from './half.ts';

export type BlobValues = Float32Array | Float64Array;

type Part = 'data' | 'diff';

const parts = {
  data: { double: 'doubleData', float: 'data', raw: 'rawData', type: 'rawDataType' },
  diff: { double: 'doubleDiff', float: 'diff', raw: 'rawDiff', type: 'rawDiffType' },
} as const;

/**
 * A blob's values in C order: from `double_data`, else `data`, else `raw_data` (FLOAT16 converted to float). They are a
 * view of the file's bytes where the address allows it, a block copy elsewhere: copy before changing them. A blob with
 * none of the three has no values (length 0). @throws CaffeError where the count is not the shape's, or the raw type
 * is missing or not FLOAT, FLOAT16 or DOUBLE.
 */
export function blobValues(blob: BlobProto): BlobValues {
  return valuesOf(blob, 'data');
}

/** A blob's diff (solver history, gradients), as `blobValues` gives its data; length 0 where it has none. */
export function blobDiff(blob: BlobProto): BlobValues {
  return valuesOf(blob, 'diff');
}

/** Whether a blob has values (data) at all. */
export function hasValues(blob: BlobProto): boolean {
  return has(blob, 'doubleData') || has(blob, 'data') || has(blob, 'rawData');
}

function valuesOf(blob: BlobProto, part: Part): BlobValues {
  const { double, float, raw, type } = parts[part];
  if (has(blob, double)) return counted(blob, asTyped(blob[double], Float64Array), `double_${part}`);
  if (has(blob, float)) return counted(blob, asTyped(blob[float], Float32Array), part);
  if (!has(blob, raw)) return new Float32Array(0);
  return counted(blob, rawValues(blob[raw]!, has(blob, type) ? blob[type] : undefined, part), `raw_${part}`);
}

function asTyped(values: ArrayLike<number>, type: typeof Float32Array | typeof Float64Array): BlobValues {
  return values instanceof type ? values : type.from(values);
}

function rawValues(bytes: Uint8Array, type: number | undefined, part: Part): BlobValues {
  const size = type === Type.DOUBLE ? 8 : type === Type.FLOAT ? 4 : type === Type.FLOAT16 ? 2 : undefined;
  if (size === undefined) {
    const name = Object.entries(Type).find(([, value]) => value === type)?.[0] ?? type;
    throw new CaffeError({
      code: 'bad-data',
      field: `raw_${part}_type`,
      problem: type === undefined ? `is missing beside raw_${part}` : `is ${name}`,
      fix: 'it must be FLOAT, FLOAT16 or DOUBLE',
    });
  }
  if (bytes.length % size !== 0) {
    const problem = `has ${bytes.length} bytes, no whole number of ${size}-byte values`;
    throw new CaffeError({ code: 'bad-data', field: `raw_${part}`, problem, fix: 'write the file again' });
  }
  if (size === 8) return floatsOf(bytes, Float64Array);
  return size === 4 ? floatsOf(bytes, Float32Array) : halfToFloat(halvesOf(bytes));
}

function halvesOf(bytes: Uint8Array): Uint16Array {
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const own = littleEndian && bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes); // slice() of a Node Buffer is no copy
  if (!littleEndian) swap(own, 2);
  return new Uint16Array(own.buffer, own.byteOffset, own.byteLength / 2);
}

function counted(blob: BlobProto, values: BlobValues, field: string): BlobValues {
  const shape = blobShape(blob);
  const count = countOf(shape);
  if (values.length === count) return values;
  throw new CaffeError({
    code: 'bad-shape',
    field,
    problem: `has ${values.length} values, its shape ${shape.join(' × ') || '(one value)'} needs ${count}`,
    fix: 'write the file again, or correct its shape',
  });
}
