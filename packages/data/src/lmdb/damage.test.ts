import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/shared.ts';
import { LmdbReader } from './reader.ts';
import { LmdbWriter } from './writer.ts';

const folder = temporaryFolder();
const pageSize = 4096;

/** 400 records, some on overflow pages, in a tree of three levels or two; the data file's bytes. */
const whole = ((): Buffer => {
  const writer = new LmdbWriter(join(folder, 'whole'), { create: true });
  for (let i = 0; i < 400; i++) {
    writer.put(
      Buffer.from(`${String(i).padStart(8, '0')}_${'x'.repeat(60)}`),
      Buffer.alloc(i % 5 === 0 ? 5000 : 40, i),
    );
    if (i % 100 === 99) writer.commit();
  }
  writer.close();
  return readFileSync(join(folder, 'whole', 'data.mdb'));
})();

function withBytes(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'data.mdb'), bytes);
  return path;
}

/** Reads everything; the number of records. */
function readAll(path: string): number {
  const reader = new LmdbReader(path);
  try {
    const cursor = reader.cursor();
    let count = 0;
    for (let node = cursor.next(); node !== undefined; node = cursor.next()) {
      reader.value(node);
      count++;
    }
    return count;
  } finally {
    reader.close();
  }
}

function failure(path: string): CaffeError {
  try {
    readAll(path);
  } catch (error) {
    expect(error).toBeInstanceOf(CaffeError);
    return error as CaffeError;
  }
  throw new Error('no error');
}

/** Page numbers of the snapshot's leaves and branches. */
function treePages(kind: 1 | 2): number[] {
  const root = Number(whole.readBigUInt64LE(0 + 16 + 24 + 48 + 40)); // transaction 4: meta page 0
  const walk = (number: number): number[] => {
    const at = number * pageSize;
    if (whole.readUInt16LE(at + 10) === 2) return kind === 2 ? [number] : [];
    const count = (whole.readUInt16LE(at + 12) - 16) / 2;
    const children = Array.from({ length: count }, (_, i) => {
      return walk(whole.readUInt32LE(at + whole.readUInt16LE(at + 16 + 2 * i)));
    }).flat();
    return kind === 1 ? [number, ...children] : children;
  };
  return walk(root);
}

function patched(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
}

it('reads the whole file', () => {
  expect(readAll(join(folder, 'whole'))).toBe(400);
});

it('says what a file is that is no LMDB', () => {
  expect(failure(withBytes('text', Buffer.from('train/a.jpg 0\n'.repeat(9)))).message).toBe(
    `${folder}/text/data.mdb: is not an LMDB data file, or its start is damaged: meta page 0 is cut short; make the database again with convert_imageset, or name another one`,
  );
  expect(failure(withBytes('zero', Buffer.alloc(0))).message).toContain('is empty');
  expect(failure(withBytes('noise', Buffer.alloc(20000, 7))).message).toContain('has not the mark of LMDB');
  expect(failure(join(folder, 'absent')).message).toBe(
    `${folder}/absent/data.mdb: does not exist; make the database with convert_imageset, or correct the path`,
  );
});

it('uses the other meta page where one is damaged', () => {
  expect(
    readAll(
      withBytes(
        'meta',
        patched((bytes) => bytes.fill(0, 4096, 8192)),
      ),
    ),
  ).toBe(400); // the older one
  const older = withBytes(
    'meta',
    patched((bytes) => bytes.fill(0, 0, 4096)),
  );
  expect(readAll(older)).toBe(300); // the snapshot before the last
});

it('names file, page and record of damaged pages', () => {
  const [leaf] = treePages(2).slice(3);
  const [branch] = treePages(1);
  const say = (name: string, change: (bytes: Buffer) => void) => failure(withBytes(name, patched(change))).message;
  const fix = '; copy the database again from where it came, or make it again with convert_imageset';
  const file = (name: string) => `${folder}/${name}/data.mdb: the LMDB file is damaged: page`;
  expect(say('a', (b) => b.writeUInt16LE(0x30, leaf! * pageSize + 10))).toBe(
    `${file('a')} ${leaf} is neither branch nor leaf (flags 0x30)${fix}`,
  );
  expect(say('b', (b) => b.writeUInt32LE(77, leaf! * pageSize))).toBe(
    `${file('b')} ${leaf} carries the number 77${fix}`,
  );
  expect(say('c', (b) => b.writeUInt32LE(branch!, branch! * pageSize + b.readUInt16LE(branch! * pageSize + 18)))).toBe(
    `${file('c')} ${branch} is a branch at level 2 of 2${fix}`,
  );
  expect(
    say('d', (b) => b.writeUInt32LE(999_999, branch! * pageSize + b.readUInt16LE(branch! * pageSize + 18))),
  ).toContain('page 999999 is outside the database (pages 2 to');
  expect(
    say('e', (b) => {
      const at = branch! * pageSize;
      b.writeUInt32LE(treePages(2)[0]!, at + b.readUInt16LE(at + 18)); // the first leaf twice
    }),
  ).toContain('has keys out of order');
  expect(say('f', (b) => b.writeUInt16LE(60000, leaf! * pageSize + 18))).toContain(
    'has a node outside itself (node 1 at 60000)',
  );
});

it('finds a truncated file when it opens it', () => {
  const path = withBytes('cut', whole);
  const kept = Math.floor(whole.length * 0.6);
  truncateSync(join(path, 'data.mdb'), kept);
  const { message, facts } = failure(path);
  expect(message).toMatch(/lies beyond the end of the file/);
  expect(facts.code).toBe('bad-file');
});

it('ends with a result or one CaffeError whatever bytes are damaged (seed 1)', () => {
  const random = new RandomStream(1);
  const inTree = [0, 1, ...treePages(1), ...treePages(2)];
  const outcomes = { read: 0, refused: 0 };
  for (let round = 0; round < 400; round++) {
    const bytes = Buffer.from(whole);
    for (let i = 0; i <= random.integer(3); i++) {
      const page = random.bernoulli(0.9)
        ? inTree[random.integer(inTree.length)]!
        : random.integer(bytes.length / pageSize);
      const within = random.bernoulli(0.6) ? random.integer(160) : random.integer(pageSize);
      bytes[page * pageSize + within] = random.integer(256);
    }
    const path = withBytes('fuzz', bytes);
    try {
      expect(readAll(path), `round ${round}`).toBeLessThanOrEqual(400);
      outcomes.read++;
    } catch (error) {
      expect(error, `round ${round}: ${error}`).toBeInstanceOf(CaffeError);
      outcomes.refused++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(50);
  expect(outcomes.read).toBeGreaterThan(50);
});

it('keeps the last commit when a write is cut short before its meta page', () => {
  const path = join(folder, 'crash');
  const writer = new LmdbWriter(path, { create: true });
  writer.put(Buffer.from('a'), Buffer.from('1'));
  writer.commit();
  const metas = readFileSync(join(path, 'data.mdb')).subarray(0, 2 * pageSize);
  for (let i = 0; i < 50; i++) writer.put(Buffer.from(`b${i}`), Buffer.alloc(3000, i));
  writer.commit();
  writer.close();
  const after = readFileSync(join(path, 'data.mdb'));
  metas.copy(after); // all pages of the second commit are there, its meta page is not
  expect(readAll(withBytes('crash', after))).toBe(1);
});

it('refuses to make a database where one is, and keys that liblmdb does not take', () => {
  const path = join(folder, 'taken');
  new LmdbWriter(path, { create: true }).close();
  expect(() => new LmdbWriter(path, { create: true })).toThrow('delete it first, or choose another name');
  copyFileSync(join(path, 'data.mdb'), join(folder, 'copy.mdb'));
  const writer = new LmdbWriter(path, { create: false });
  expect(() => writer.put(Buffer.alloc(512, 97), Buffer.alloc(1))).toThrow(
    /the key has 512 bytes; LMDB takes 1 to 511/,
  );
  expect(() => writer.put(Buffer.alloc(0), Buffer.alloc(1))).toThrow('the key has 0 bytes');
  writer.close();
  expect(readAll(join(folder, 'copy.mdb'))).toBe(0);
});
