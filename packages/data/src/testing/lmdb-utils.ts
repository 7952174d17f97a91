import { execFileSync, spawnSync } from 'node:child_process';

/** Whether lmdb-utils (mdb_dump, mdb_stat, mdb_load) are installed: liblmdb itself judges what we write. */
export const hasLmdbUtils = spawnSync('mdb_dump', ['-V']).error === undefined;

/** All records as liblmdb reads them. */
export function dumped(folder: string): [Buffer, Buffer][] {
  const text = execFileSync('mdb_dump', [folder], { encoding: 'latin1', maxBuffer: 2 ** 30 });
  const lines = text.split('\n');
  const start = lines.indexOf('HEADER=END') + 1;
  const values: Buffer[] = [];
  for (const line of lines.slice(start, lines.indexOf('DATA=END'))) values.push(Buffer.from(line.slice(1), 'hex'));
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
}

/** Pages of the file, and the sum of those in the tree, in the free list's tree, free, and the two meta pages. */
export function pageAccount(folder: string): { used: number; accounted: number } {
  const text = execFileSync('mdb_stat', ['-ef', folder], { encoding: 'utf8' });
  const numbers = (label: string) =>
    [...text.matchAll(new RegExp(`^  ${label}: (\\d+)$`, 'gm'))].map((m) => Number(m[1]));
  const inUse = ['Branch pages', 'Leaf pages', 'Overflow pages', 'Free pages'].flatMap(numbers);
  return { used: numbers('Number of pages used')[0]!, accounted: inUse.reduce((a, b) => a + b, 2) };
}
