import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The folder of shared materials: beside the repository, or where JACINTO_SHARED says. */
export const sharedFolder = process.env['JACINTO_SHARED'] ?? join(root, '../shared');

/** Numbers of the real caffe-jacinto 0.17. */
export const golden = join(sharedFolder, 'golden/jacinto');
export const hasGolden = existsSync(join(golden, 'estimate/estimate.json'));

/** A golden JSON file; "nan" and "inf" become numbers. */
export function readGoldenJson<T>(path: string): T {
  const special: Record<string, number> = {
    nan: Number.NaN,
    '-nan': Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
  };
  return JSON.parse(readFileSync(path, 'utf8'), (_key, value: unknown) =>
    typeof value === 'string' && Object.hasOwn(special, value) ? special[value] : value,
  ) as T;
}

/** Float32 values beside a golden JSON file. */
export function readGoldenValues(path: string): Float32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
