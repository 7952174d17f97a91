import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, truncateSync } from 'node:fs';
import { RandomStream } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { dumped, hasLmdbUtils, pageAccount } from '../testing/lmdb-utils.ts';
import { hasShared, shared, temporaryFolder } from '../testing/shared.ts';
import { LmdbReader } from './reader.ts';
import { LmdbWriter } from './writer.ts';

const folder = temporaryFolder();

function records(path: string): [string, Buffer][] {
  const reader = new LmdbReader(path);
  const all: [string, Buffer][] = [];
  const cursor = reader.cursor();
  for (let node = cursor.next(); node !== undefined; node = cursor.next()) {
    all.push([node.key.toString('latin1'), reader.value(node)]);
  }
  reader.close();
  return all;
}

/** A line a record: comparing thousands of buffers value by value is slow. */
function digest(all: [string, Buffer][]): string[] {
  return all.map(([key, value]) => `${key} ${value.length} ${createHash('md5').update(value).digest('hex')}`);
}

function checkWritten(path: string, wanted: Map<string, Buffer>): void {
  const sorted = [...wanted].sort(([a], [b]) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')));
  expect(digest(records(path))).toEqual(digest(sorted));
  const reader = new LmdbReader(path);
  expect(reader.entries).toBe(wanted.size);
  for (const [key, value] of sorted) expect(reader.get(Buffer.from(key, 'latin1'))?.equals(value)).toBe(true);
  reader.close();
  if (!hasLmdbUtils) return;
  expect(digest(dumped(path).map(([key, value]) => [key.toString('latin1'), value]))).toEqual(digest(sorted));
  const { used, accounted } = pageAccount(path);
  expect(accounted, 'pages in use, free and meta').toBe(used);
}

describe.skipIf(!hasShared('golden/files'))('databases made by Caffe', () => {
  it.each(['cifar256_lmdb', 'cifar64_jpeg_lmdb', 'cifar64_gray20x24_lmdb'])('reads %s', (name) => {
    const path = shared('golden/files', name);
    const all = records(path);
    expect(all.length).toBe(name === 'cifar256_lmdb' ? 256 : 64);
    expect(all[0]![0]).toMatch(/^00000000_train\/airplane\/\d+\.jpg$/);
    const reader = new LmdbReader(path);
    for (const [key, value] of all) expect(reader.get(Buffer.from(key))?.equals(value)).toBe(true);
    expect(reader.get(Buffer.from('nothing'))).toBeUndefined();
    const cursor = reader.cursor();
    cursor.skip(37);
    expect(cursor.next()?.key.toString()).toBe(all[37]![0]);
    cursor.skip(1000);
    expect(cursor.next()).toBeUndefined();
    reader.close();
  });
});

describe('writer', () => {
  const cases = [
    { name: 'empty', records: 0, batch: 1, largest: 10, order: 'rising' },
    { name: 'one', records: 1, batch: 1, largest: 10, order: 'rising' },
    { name: 'small-rising', records: 3000, batch: 1000, largest: 60, order: 'rising' },
    { name: 'images-rising', records: 700, batch: 100, largest: 9000, order: 'rising' },
    { name: 'random', records: 3000, batch: 250, largest: 3000, order: 'random' },
    { name: 'long-keys', records: 2000, batch: 300, largest: 40, order: 'long' },
    { name: 'replaced', records: 2500, batch: 200, largest: 5000, order: 'again' },
  ] as const;

  it.each(cases)('writes $name', ({ name, records: count, batch, largest, order }) => {
    const random = new RandomStream(7, 0);
    const path = `${folder}/${name}`;
    const writer = new LmdbWriter(path, { create: true, mapSize: 1 << 16 });
    const wanted = new Map<string, Buffer>();
    for (let i = 0; i < count; i++) {
      let key = String(i).padStart(8, '0');
      if (order === 'random') key = String(random.integer(1e9));
      if (order === 'long') key = `${random.integer(1e6)}`.padStart(300 + random.integer(212), 'x');
      if (order === 'again') key = String(random.integer(600));
      const value = Buffer.alloc(random.integer(largest + 1), i & 255);
      writer.put(Buffer.from(key), value);
      wanted.set(key, value);
      if (i % batch === batch - 1) writer.commit();
    }
    writer.commit();
    expect(writer.entries).toBe(wanted.size);
    writer.close();
    checkWritten(path, wanted);
  });

  it('doubles the map size as records outgrow it, keeping every record', () => {
    const path = `${folder}/growth`;
    const writer = new LmdbWriter(path, { create: true, mapSize: 1 << 15 });
    const wanted = new Map<string, Buffer>();
    for (let i = 0; i < 60; i++) {
      const value = Buffer.alloc(10_000, i);
      writer.put(Buffer.from(`k${String(i).padStart(3, '0')}`), value);
      wanted.set(`k${String(i).padStart(3, '0')}`, value);
      if (i % 10 === 9) writer.commit();
    }
    writer.close();
    expect(writer.mapSize).toBe(1 << 20);
    checkWritten(path, wanted);
  });
});

it.each([4096, 8192, 16384, 32768])('writes and reads pages of %d bytes', (pageSize) => {
  const path = `${folder}/pages-${pageSize}`;
  const writer = new LmdbWriter(path, { create: true, pageSize });
  const wanted = new Map<string, Buffer>();
  for (let i = 0; i < 2000; i++) {
    const value = Buffer.alloc((i * 97) % 20000, i);
    writer.put(Buffer.from(`key ${(i * 7919) % 1500}`), value);
    wanted.set(`key ${(i * 7919) % 1500}`, value);
    if (i % 150 === 0) writer.commit();
  }
  writer.put(Buffer.from('large'), Buffer.alloc(5_000_001, 7));
  wanted.set('large', Buffer.alloc(5_000_001, 7));
  writer.commit();
  writer.close();
  checkWritten(path, wanted);
});

it('adds any number of records to a database in one commit', () => {
  const path = `${folder}/many`;
  const writer = new LmdbWriter(path, { create: true });
  const put = (from: number, to: number): void => {
    for (let i = from; i < to; i++) writer.put(Buffer.from(String(i).padStart(6, '0')), Buffer.from(String(i)));
    writer.commit();
  };
  put(0, 1);
  put(1, 200_000);
  put(100_000, 250_000);
  writer.close();
  const reader = new LmdbReader(path);
  expect([reader.entries, reader.get(Buffer.from('123456'))?.toString()]).toEqual([250_000, '123456']);
  reader.close();
});

it('opens a file of many gigabytes without reading it', () => {
  const path = `${folder}/sparse`;
  const writer = new LmdbWriter(path, { create: true });
  writer.put(Buffer.from('a'), Buffer.from('1'));
  writer.commit();
  writer.close();
  truncateSync(`${path}/data.mdb`, 2 ** 36); // as MDB_WRITEMAP leaves it; a hole, no disk space
  const reader = new LmdbReader(path);
  expect(reader.get(Buffer.from('a'))?.toString()).toBe('1');
  reader.close();
});

describe.skipIf(!hasLmdbUtils)('with liblmdb (lmdb-utils)', () => {
  it('goes on with a database that liblmdb wrote, and leaves one that liblmdb goes on with', () => {
    const path = `${folder}/load`;
    mkdirSync(path);
    const text = (from: number, to: number, value: string) =>
      Array.from(
        { length: to - from },
        (_, i) => `key${String(from + i).padStart(5, '0')}\n${value}${from + i}\n`,
      ).join('');
    const load = (input: string) => execFileSync('mdb_load', ['-T', path], { input });
    load(text(0, 2000, 'a'.repeat(50)));
    load(text(0, 1000, 'b'.repeat(60)));
    const wanted = new Map<string, Buffer>();
    for (let i = 0; i < 2000; i++) {
      wanted.set(`key${String(i).padStart(5, '0')}`, Buffer.from((i < 1000 ? 'b'.repeat(60) : 'a'.repeat(50)) + i));
    }
    checkWritten(path, wanted);
    for (let round = 0; round < 6; round++) {
      const writer = new LmdbWriter(path, { create: false });
      for (let i = round; i < 2600; i += 7) {
        const key = `key${String(i).padStart(5, '0')}`;
        const value = Buffer.alloc((i * 37) % 5000, round);
        writer.put(Buffer.from(key), value);
        wanted.set(key, value);
      }
      writer.commit();
      writer.close();
      checkWritten(path, wanted);
      load(text(100 * round, 100 * round + 90, 'c'));
      for (let i = 100 * round; i < 100 * round + 90; i++) {
        wanted.set(`key${String(i).padStart(5, '0')}`, Buffer.from(`c${i}`));
      }
      checkWritten(path, wanted);
    }
  });
});
