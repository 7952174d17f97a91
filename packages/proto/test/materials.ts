import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of shared test materials: beside the repository, or where JACINTO_SHARED says. */
const root = process.env['JACINTO_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

export const shared = (...parts: string[]): string => join(root, ...parts);

/** Whether a folder of the shared materials is absent, for `describe.skipIf`. */
export const absent = (...parts: string[]): boolean => !existsSync(shared(...parts));

/** Every file below a folder of the shared materials whose name ends in one of `endings`, as relative paths. */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
  if (absent(folder)) return [];
  return readdirSync(shared(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => join(folder, name))
    .sort();
}

export const bytesOfShared = (path: string): Uint8Array => new Uint8Array(readFileSync(shared(path)));
export const textOfShared = (path: string): string => readFileSync(shared(path), 'utf8');

/** A generator of whole numbers below 2^32 with a seed (Numerical Recipes' LCG, high bits mixed in). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
}
