import type { Dataset, Group } from 'h5wasm';
import { blobShape } from '../blobs/blob-shape.ts';
import { blobDiff, blobValues } from '../blobs/blob-values.ts';
import { makeBlob } from '../blobs/make-blob.ts';
import { CaffeError } from '../errors/index.ts';
import type { BlobProto } from '../generated/messages.ts';

/** Writes values or gradients of a blob as a dataset, float or double (Caffe: hdf5_save_nd_dataset). */
export function writeBlob(group: Group, name: string, blob: BlobProto, part: 'data' | 'diff' = 'data'): void {
  const values = part === 'data' ? blobValues(blob) : blobDiff(blob);
  const dtype = values instanceof Float64Array ? '<d' : '<f';
  group.create_dataset({ name, data: values.slice(), shape: blobShape(blob), dtype });
}

/** Reads a dataset of floats or doubles. @throws CaffeError 'bad-file' for other types. */
export function readBlob(dataset: Dataset, path: string): BlobProto {
  const { value } = dataset;
  const shape = dataset.shape ?? [];
  const values = typeof value === 'number' ? Float32Array.of(value) : value;
  if (values instanceof Float32Array || values instanceof Float64Array) return makeBlob(shape, values);
  throw new CaffeError({
    code: 'bad-file',
    problem: `"${path}" holds values of type ${String(dataset.dtype)}`,
    fix: 'blobs are float or double',
  });
}
