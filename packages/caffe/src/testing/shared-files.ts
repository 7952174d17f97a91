import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The folder of shared materials: beside the repository, or where JACINTO_SHARED says. */
export const sharedFolder = process.env['JACINTO_SHARED'] ?? join(root, '../shared');

/** What real Caffe wrote: databases, weights, logs. */
export const goldenFiles = join(sharedFolder, 'golden/files');

export const hasGoldenFiles = existsSync(join(goldenFiles, 'net.prototxt'));

/** A folder of its own for a test file, removed in the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-caffe-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Copies the golden database, mean, nets, weights and solvers into a folder. */
export function copyGolden(folder: string): void {
  const names = [
    'cifar256_lmdb',
    'mean.binaryproto',
    'init.caffemodel',
    'net.prototxt',
    'net_mult.prototxt',
    'solver_sgd',
  ];
  // the materials are read-only; the copies must not be, for snapshots go beside them
  for (const name of names) cpSync(join(goldenFiles, name), join(folder, name), { recursive: true, mode: 0 });
}
