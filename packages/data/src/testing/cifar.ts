import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { shared } from './shared.ts';

/** Unpacks named pictures of the CIFAR-10 training set below a folder. */
export function unpackCifar(folder: string, names: readonly string[]): void {
  const wanted = new Set(names);
  const files = unzipSync(readFileSync(shared('data/cifar10-train.zip')), { filter: ({ name }) => wanted.has(name) });
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** Names in the golden list of 256 pictures. */
export function goldenNames(): string[] {
  const lines = readFileSync(shared('golden/files/list.txt'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
}
