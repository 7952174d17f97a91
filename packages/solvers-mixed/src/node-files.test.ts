import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFiles } from './node-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'jacinto-solver-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const files = nodeFiles(folder);

describe('files of a solver', () => {
  it('are relative to the base folder', async () => {
    await files.write('a.txt', [Buffer.from('one '), Buffer.from('two')]);
    expect(existsSync(join(folder, 'a.txt'))).toBe(true);
    expect([await files.exists('a.txt'), await files.exists('b.txt')]).toEqual([true, false]);
  });

  it('a folder that is not there, or no folder', () => {
    expect(() => files.checkWritable('no/where')).toThrow(
      `snapshot_prefix is "${join(folder, 'no/where')}", but the folder ${join(folder, 'no')} does not exist; make it first`,
    );
    writeFileSync(join(folder, 'file'), '');
    expect(() => files.checkWritable('file/x')).toThrow(
      /file\/x: snapshot_prefix does not exist: a part of its path is no/,
    );
  });

  it('what a killed run left behind is removed, what a running one writes stays', () => {
    const dead = 2 ** 22 + 1; // above the greatest process id of Linux
    const names = [
      `.run_iter_5.caffemodel.${dead}.0.tmp`,
      `.run_iter_5.caffemodel.${process.pid}.0.tmp`,
      `.other.${dead}.0.tmp`,
    ];
    for (const name of names) writeFileSync(join(folder, name), '');
    files.checkWritable('run');
    expect(readdirSync(folder).filter((name) => name.endsWith('tmp'))).toEqual([names[2], names[1]]);
    expect(existsSync(join(folder, 'run_iter_0.tempfile'))).toBe(false);
  });
});
