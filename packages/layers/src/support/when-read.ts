import type { HostArray, Values } from '@jacinto/core-tensor';

/** Runs `use` on host values: at once where the backend is synchronous, else when the values have arrived. */
export function whenRead<R>(values: readonly Values[], use: (...arrays: Float32Array[]) => R): R | Promise<R> {
  const read = values.map((one) => one.read<Float32Array>());
  if (read.every(isArray)) return use(...read);
  return Promise.all(read).then((arrays) => use(...arrays));
}

function isArray(value: HostArray | Promise<HostArray>): value is Float32Array {
  return !(value instanceof Promise);
}
