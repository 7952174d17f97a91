import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-data-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
