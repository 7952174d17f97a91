import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll } from 'vitest';

const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../../..');

/** A path of the shared test materials, which lie beside the repository (or where JACINTO_SHARED says). */
export function shared(...parts: string[]): string {
  return join(process.env['JACINTO_SHARED'] ?? join(root, '../shared'), ...parts);
}

/** Whether such a path is there; tests that need it are skipped where it is not. */
export function hasShared(...parts: string[]): boolean {
  return existsSync(shared(...parts));
}

/** A new folder, removed when the test file has run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-tools-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Unpacks named pictures of the CIFAR-10 training set below a folder. */
export function unpackCifar(folder: string, names: readonly string[]): void {
  const wanted = new Set(names);
  const files = unzipSync(readFileSync(shared('data/cifar10-train.zip')), { filter: ({ name }) => wanted.has(name) });
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}
