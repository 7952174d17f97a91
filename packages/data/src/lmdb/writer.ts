import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaffeError } from '@jacinto/proto/errors';
import { PageAllocator } from './allocator.ts';
import { defaultPageSize, keyText, maxKeySize, overflowPages } from './format.ts';
import { type FreeList, readFreeList, writeFreeList } from './free-list.ts';
import { emptyMeta, encodeMeta, type Meta } from './meta.ts';
import { PageFile } from './page-file.ts';
import { guarded, PageWriter } from './page-writer.ts';
import { LmdbReader } from './reader.ts';
import { isLarge, largeNode, type NewNode, overflowBytes, putSorted, smallNode } from './tree-writer.ts';

export interface LmdbWriterOptions {
  /** true: the folder must not exist yet (Caffe's NEW); false: a database there is written on. */
  create: boolean;
  /** Size of the map that liblmdb will make, in bytes; doubled whenever the records outgrow it. Default 1 GiB. */
  mapSize?: number;
  /** Page size in bytes of a new database, a power of two from 4096 to 32768. Default 4096. */
  pageSize?: number;
}

interface Pending {
  node: NewNode;
  /** Overflow pages already written for it. */
  run?: { page: number; count: number };
}

const lockFileSize = 8192; // what liblmdb makes for its default of 126 readers; it fills it itself

/**
 * Writes an LMDB database that liblmdb reads. Puts may come in any order; `commit` makes those since the last one
 * durable, all or none: pages in use are never overwritten, and the meta page is written after everything else has
 * reached the disk. One writer at a time: liblmdb's lock between processes cannot be taken from JavaScript.
 */
export class LmdbWriter {
  private readonly path: string;
  private readonly writer: PageWriter;
  private readonly pageSize: number;
  private meta: Meta;
  private file!: PageFile;
  private freeList!: FreeList;
  private allocator!: PageAllocator;
  private pending = new Map<string, Pending>();
  private closed = false;

  /** @throws CaffeError 'io' (exists already, no permission), 'missing' or 'bad-file'. */
  constructor(folder: string, options: LmdbWriterOptions) {
    this.path = join(folder, 'data.mdb');
    if (options.create) makeFolder(folder);
    const exists = statSync(this.path, { throwIfNoEntry: false }) !== undefined;
    if (exists) new LmdbReader(folder).close(); // its checks
    this.meta = emptyMeta(options.mapSize ?? 2 ** 30, options.pageSize ?? defaultPageSize);
    if (exists) {
      const present = new PageFile(this.path);
      this.meta = present.meta;
      present.close();
    }
    this.pageSize = this.meta.pageSize;
    this.writer = new PageWriter(this.path, this.pageSize, exists ? 'r+' : 'wx+');
    if (!exists) {
      for (const page of [0, 1]) this.writer.write(page, encodeMeta(this.meta, page));
      this.writer.sync();
      const lock = join(folder, 'lock.mdb');
      guarded(lock, () => writeFileSync(lock, new Uint8Array(lockFileSize), { mode: 0o664 }));
    }
    this.begin();
  }

  /** Records committed so far. */
  get entries(): number {
    return this.meta.main.entries;
  }

  get mapSize(): number {
    return this.meta.mapSize;
  }

  /** Adds a record or replaces the one of that key. @throws CaffeError 'bad-value' on an empty or too long key. */
  put(key: Uint8Array, value: Uint8Array): void {
    if (key.length === 0 || key.length > maxKeySize) {
      throw new CaffeError({
        code: 'bad-value',
        file: this.path,
        record: keyText(key.subarray(0, 80)),
        problem: `the key has ${key.length} bytes`,
        fix: `LMDB takes 1 to ${maxKeySize}: use a shorter name`,
      });
    }
    const held = Buffer.from(key);
    const name = held.toString('latin1');
    const run = this.pending.get(name)?.run;
    if (run !== undefined) this.allocator.giveBack(run.page, run.count);
    if (!isLarge(held, value.length, this.pageSize)) {
      this.pending.set(name, { node: smallNode(held, value) });
      return;
    }
    const count = overflowPages(value.length, this.pageSize);
    const page = this.allocator.takeRun(count);
    this.writer.write(page, overflowBytes(page, value, this.pageSize));
    this.pending.set(name, { node: largeNode(held, value.length, page), run: { page, count } });
  }

  /**
   * Makes all puts since the last one durable.
   * @throws CaffeError 'io' or 'bad-file'; these puts are then dropped, and what was committed before stays.
   */
  commit(): void {
    if (this.pending.size === 0) return;
    try {
      this.meta = this.writeSnapshot([...this.pending.values()]);
    } finally {
      this.pending.clear();
      this.file.close();
      this.begin();
    }
  }

  private writeSnapshot(pending: readonly Pending[]): Meta {
    const { allocator, writer, pageSize, file } = this;
    const transaction = this.meta.transaction + 1;
    const main = { ...this.meta.main };
    for (const { run } of pending) main.overflowPages += run?.count ?? 0;
    const nodes = pending.map(({ node }) => node).sort((a, b) => Buffer.compare(a.key, b.key));
    putSorted({ tree: main, allocate: () => allocator.take(), allocator, writer, pageSize, file }, nodes);
    const free = writeFreeList(this.freeList, allocator, writer, transaction, pageSize);
    let { mapSize } = this.meta;
    while (allocator.next * pageSize > mapSize) mapSize *= 2;
    const meta: Meta = { pageSize, mapSize, free, main, lastPage: allocator.next - 1, transaction };
    writer.sync();
    writer.write(transaction % 2, encodeMeta(meta, transaction % 2));
    writer.sync();
    return meta;
  }

  /** Closes the file; puts that were not committed are dropped. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.file.close();
    this.writer.close();
  }

  private begin(): void {
    this.file = new PageFile(this.path);
    this.freeList = readFreeList(this.file);
    this.allocator = new PageAllocator(this.freeList.usable, this.meta.lastPage + 1);
  }
}

function makeFolder(folder: string): void {
  guarded(folder, () => mkdirSync(folder, { mode: 0o744 }));
}
