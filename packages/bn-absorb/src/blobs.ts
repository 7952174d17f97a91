import { type BlobProto, blobShape, blobValues, CaffeError, has, makeBlob } from '@jacinto/proto';

/** An array as large as the blob's, to be changed and given to `blobLike`: floats, doubles where the blob has them. */
export function copyOfValues(blob: BlobProto): Float32Array | Float64Array {
  return blobValues(blob).slice();
}

/** A blob of another one's shape and form of storage (FLOAT16 becomes FLOAT, for merging needs the precision). */
export function blobLike(blob: BlobProto, values: Float32Array | Float64Array): BlobProto {
  const made = makeBlob(blobShape(blob), values, { format: has(blob, 'rawData') ? 'nv' : 'bvlc' });
  const legacy = (['num', 'channels', 'height', 'width'] as const).filter((field) => has(blob, field));
  if (legacy.length === 0) return made;
  // Shapes in the old fields are compared leniently (1×1×1×N is N): they must stay in them.
  Reflect.deleteProperty(made, 'shape');
  for (const field of legacy) made[field] = blob[field];
  return made;
}

/** A blob of shape [count], stored as `like` is. */
export function channelsLike(like: BlobProto, values: Float32Array | Float64Array): BlobProto {
  return makeBlob([values.length], values, { format: has(like, 'rawData') ? 'nv' : 'bvlc' });
}

/** The values of a blob that must hold `count` of them, or 1 where `orOne`. @throws CaffeError 'bad-shape', 'bad-data'. */
export function checkedValues(
  blob: BlobProto | undefined,
  index: number,
  count: number,
  { finite = true }: { finite?: boolean } = {},
): Float32Array | Float64Array {
  const field = `blob ${index}`;
  if (blob === undefined) {
    throw new CaffeError({ code: 'missing', field, problem: 'is not in the weights', fix: 'use weights of this net' });
  }
  const values = blobValues(blob);
  if (values.length !== count) {
    throw new CaffeError({
      code: 'bad-shape',
      field,
      problem: `has ${values.length} values, but the layer beside it has ${count} channels`,
      fix: 'use the weights that were made with this net',
    });
  }
  if (finite) checkFinite(values, field, 'channel ');
  return values;
}

/** @throws CaffeError 'bad-data' at the first value that is NaN or infinite. `place`: what stands before its index. */
export function checkFinite(values: Float32Array | Float64Array, field: string, place = ''): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new CaffeError({
    code: 'bad-data',
    field,
    problem: `holds ${values[bad]} at ${place}${bad}`,
    fix: 'the training had diverged; use weights of an earlier snapshot',
  });
}
