import { existsSync, renameSync, rmSync } from 'node:fs';
import { CaffeError, nearest } from '@jacinto/proto/errors';

/** A dataset as plain values, in C order. */
export interface Hdf5Table {
  shape: readonly number[];
  values: Float32Array;
}

type Library = typeof import('h5wasm/node');
let library: Promise<Library> | undefined;

/** h5wasm, loaded on first use: 4 MB, which who reads no HDF5 should not pay for. */
function load(): Promise<Library> {
  library ??= import('h5wasm/node').then(async (h5) => {
    const module = await h5.ready;
    module.activate_throwing_error_handler(); // else it prints
    return h5;
  });
  return library;
}

/**
 * Reads datasets of a file, converted to float (Caffe: hdf5_load_nd_dataset). @throws CaffeError 'missing' for the file
 * or a dataset, 'bad-file' for other content, naming the file.
 */
export async function readHdf5(path: string, names: readonly string[]): Promise<Hdf5Table[]> {
  const h5 = await load();
  if (!existsSync(path)) {
    throw new CaffeError({ code: 'missing', file: path, problem: 'is not there', fix: 'check the path' });
  }
  const fix = 'write or copy it again, and check its size';
  const file = guarded({ code: 'bad-file', file: path, problem: 'is no HDF5 file, or is cut off', fix }, () => {
    return new h5.File(path, 'r');
  });
  try {
    return names.map((name) => {
      const dataset = name.split('/').every(Boolean) ? guardedGet(file, name) : null;
      if (dataset === null || !('metadata' in dataset)) {
        const paths = file.paths();
        const near = nearest(name, paths);
        throw new CaffeError({
          code: 'missing',
          file: path,
          problem: `has no dataset "${name}"`,
          fix: near === undefined ? `it has ${paths.join(', ') || 'none'}` : `did you mean "${near}"?`,
        });
      }
      const damaged = { code: 'bad-file', file: path, problem: `the dataset "${name}" is damaged`, fix } as const;
      const values = floats(guarded(damaged, () => dataset.value));
      if (values === undefined) {
        const problem = `the dataset "${name}" holds values of type ${String(dataset.dtype)}`;
        throw new CaffeError({ code: 'bad-file', file: path, problem, fix: 'write it as float or integer' });
      }
      return { shape: dataset.shape ?? [], values };
    });
  } finally {
    file.close();
  }
}

/** Writes datasets as float; an old file of that name is replaced only by the whole new one. */
export async function writeHdf5(path: string, tables: Readonly<Record<string, Hdf5Table>>): Promise<void> {
  const h5 = await load();
  const unfinished = `${path}.${process.pid}.tmp`;
  const problem = 'cannot be written';
  guarded({ code: 'io', file: path, problem, fix: 'check that its folder is there and may be written to' }, () => {
    try {
      const file = new h5.File(unfinished, 'w');
      try {
        for (const [name, { shape, values }] of Object.entries(tables)) {
          file.create_dataset({ name, data: values.slice(), shape: [...shape], dtype: '<f' });
        }
        file.flush();
      } finally {
        file.close();
      }
      renameSync(unfinished, path);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}

function guardedGet(file: InstanceType<Library['File']>, name: string) {
  try {
    return file.get(name) as InstanceType<Library['Dataset']> | null;
  } catch {
    return null;
  }
}

function guarded<T>(facts: ConstructorParameters<typeof CaffeError>[0], body: () => T): T {
  try {
    return body();
  } catch (cause) {
    throw cause instanceof CaffeError ? cause : new CaffeError(facts, { cause });
  }
}

/** Values of any number type as floats; undefined for text, compounds and the like. */
function floats(value: unknown): Float32Array | undefined {
  if (value instanceof Float32Array) return value;
  if (typeof value === 'number') return Float32Array.of(value);
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Float32Array.from(value, Number);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Float32Array.from(value as Int32Array);
  return undefined;
}
