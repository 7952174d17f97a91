import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbReader } from '@jacinto/caffe';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';

const script = join(import.meta.dirname, 'prepare.mjs');
const folder = mkdtempSync(join(tmpdir(), 'jacinto-cifar10-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function writeZip(part: string, count: number): Promise<string> {
  const files: Record<string, Uint8Array> = { [`${part}/notes.txt`]: Buffer.from('no picture') };
  for (const [i, name] of ['zebra', 'ant'].entries()) {
    for (let k = 0; k < count; k++) {
      const color = { r: 200 * i, g: 10 * k, b: 77 };
      files[`${part}/${name}/000${k}.jpg`] = await sharp({
        create: { width: 8, height: 8, channels: 3, background: color },
      })
        .jpeg()
        .toBuffer();
    }
  }
  const path = join(folder, `${part}.zip`);
  writeFileSync(path, zipSync(files));
  return path;
}

it('unpacks, lists in a shuffled order and makes the databases, twice in a row the same', async () => {
  const out = join(folder, 'out');
  const zips = [await writeZip('train', 5), await writeZip('test', 2)];
  const lists: string[] = [];
  for (let run = 0; run < 2; run++) {
    const { status, stderr } = spawnSync(process.execPath, [script, ...zips, '--out', out], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    lists.push(readFileSync(join(out, 'train.txt'), 'utf8'));
  }
  expect(lists[1]).toBe(lists[0]);
  const lines = lists[0]!.trim().split('\n');
  expect([...lines].sort()).toEqual(
    [0, 1, 2, 3, 4].flatMap((k) => [`ant/000${k}.jpg 0`, `zebra/000${k}.jpg 1`]).sort(),
  );
  expect(lines).not.toEqual([...lines].sort());
  expect(readFileSync(join(out, 'labels.txt'), 'utf8')).toBe('ant\nzebra\n');
  expect(new LmdbReader(join(out, 'train_lmdb')).entries).toBe(10);
  expect(new LmdbReader(join(out, 'test_lmdb')).entries).toBe(4);
});

it.each([
  [[], 'usage: node examples/cifar10/prepare.mjs'],
  [['none.zip', 'none.zip'], 'none.zip: there is no such file'],
])('says what is wrong with %j', (args, words) => {
  const { status, stderr } = spawnSync(process.execPath, [script, ...args, '--out', join(folder, 'x')], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain(words);
});
