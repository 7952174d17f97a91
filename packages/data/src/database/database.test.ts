import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasShared, shared, temporaryFolder } from '../testing/shared.ts';
import type { DatabaseBackend, DatabaseReader } from './database.ts';
import { openDatabase } from './open.ts';

const folder = temporaryFolder();
const golden = (name: string) => shared('golden/files', name);

async function all(reader: DatabaseReader): Promise<[string, Buffer][]> {
  const cursor = reader.cursor();
  const records: [string, Buffer][] = [];
  for (let record = await cursor.next(); record !== undefined; record = await cursor.next()) {
    records.push([Buffer.from(record.key).toString(), Buffer.from(record.value)]);
  }
  await cursor.close();
  return records;
}

function fingerprint(path: string): string[] {
  return readdirSync(path).map((name) => {
    const { size, mtimeMs } = statSync(join(path, name));
    return `${name} ${size} ${mtimeMs} ${readFileSync(join(path, name)).subarray(0, 4096).toString('hex')}`;
  });
}

describe.skipIf(!hasShared('golden/files'))('databases made by Caffe', () => {
  it.each([
    ['cifar256_leveldb', 256],
    ['cifar64_leveldb_sst', 64],
  ])('%s has the records of cifar256_lmdb, and is not changed by reading', async (name, count) => {
    const path = join(folder, name);
    cpSync(golden(name), path, { recursive: true });
    const before = fingerprint(path);
    const lmdb = await openDatabase(golden('cifar256_lmdb'), 'lmdb', 'read');
    const level = await openDatabase(path, 'leveldb', 'read');
    const again = await openDatabase(path, 'leveldb', 'read'); // several at once
    const wanted = (await all(lmdb)).slice(0, count);
    for (const reader of [level, again]) {
      const records = await all(reader);
      expect(records.map(([key]) => key)).toEqual(wanted.map(([key]) => key));
      expect(records.every(([, value], i) => value.equals(wanted[i]![1]))).toBe(true);
    }
    expect(await level.count()).toBe(count);
    const cursor = level.cursor();
    await cursor.next();
    await cursor.skip(39);
    expect(Buffer.from((await cursor.next())!.key).toString()).toBe(wanted[40]![0]);
    await cursor.skip(1000);
    expect(await cursor.next()).toBeUndefined();
    await cursor.close();
    expect(Buffer.from((await level.get(Buffer.from(wanted[7]![0])))!).equals(wanted[7]![1])).toBe(true);
    for (const reader of [lmdb, level, again]) await reader.close();
    expect(fingerprint(path)).toEqual(before);
  });

  it('says so where the folder holds the other kind', async () => {
    await expect(openDatabase(golden('cifar256_lmdb'), 'leveldb', 'read')).rejects.toThrow(
      `${golden('cifar256_lmdb')}: backend is LEVELDB, but the folder holds an LMDB database; use backend LMDB`,
    );
    await expect(openDatabase(golden('cifar256_leveldb'), 'lmdb', 'read')).rejects.toThrow(
      `${golden('cifar256_leveldb')}: backend is LMDB, but the folder holds a LevelDB database; use backend LEVELDB`,
    );
  });

  it('reports a LevelDB folder with a missing table', async () => {
    const path = join(folder, 'hole');
    cpSync(golden('cifar64_leveldb_sst'), path, { recursive: true, filter: (file) => !file.endsWith('.ldb') });
    await expect(openDatabase(path, 'leveldb', 'read')).rejects.toThrow(/hole: the LevelDB folder is damaged or none/);
  });
});

describe.each<DatabaseBackend>(['lmdb', 'leveldb'])('%s', (backend) => {
  it('writes, commits, goes on, drops what was not committed', async () => {
    const path = join(folder, `made-${backend}`);
    const writer = await openDatabase(path, backend, 'new');
    writer.put(Buffer.from('b'), Buffer.from('2'));
    writer.put(Buffer.from('a'), Buffer.from('1'));
    await writer.commit();
    writer.put(Buffer.from('z'), Buffer.from('dropped'));
    await writer.close();
    await expect(openDatabase(path, backend, 'new')).rejects.toThrow('exists already; delete it first');
    const more = await openDatabase(path, backend, 'write');
    more.put(Buffer.from('c'), Buffer.alloc(100_000, 3));
    await more.commit();
    await more.close();
    const reader = await openDatabase(path, backend, 'read');
    const records = await all(reader);
    expect(records.map(([key]) => key)).toEqual(['a', 'b', 'c']);
    expect(records[2]![1].length).toBe(100_000);
    expect(await reader.count()).toBe(3);
    expect(await reader.get(Buffer.from('none'))).toBeUndefined();
    await reader.close();
  });

  it('names the path of a missing database, and of a folder without one', async () => {
    const none = join(folder, `none-${backend}`);
    await expect(openDatabase(none, backend, 'read')).rejects.toThrow(
      new RegExp(`none-${backend}: does not exist; make the database with convert_imageset.*, or correct the path`),
    );
    const other = join(folder, `other-${backend}`);
    mkdirSync(other);
    writeFileSync(join(other, 'notes.txt'), 'x');
    await expect(openDatabase(other, backend, 'read')).rejects.toThrow(/other-\w+: holds no (LMDB|LevelDB) database/);
  });
});
