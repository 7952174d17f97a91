import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CaffeError } from '@jacinto/proto/errors';
import { currentMeta, type Meta } from './meta.ts';

const cachedPages = 2048;

/** `data.mdb` of a database folder, or the file itself. */
export function dataFileOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : join(path, 'data.mdb');
}

/**
 * An LMDB data file read by pages; the least recently read ones of a few thousand are forgotten. Files of any size:
 * nothing but the pages asked for is read.
 */
export class PageFile {
  readonly path: string;
  readonly meta: Meta;
  readonly size: number;
  private readonly descriptor: number;
  private readonly cache = new Map<number, Buffer>();
  private closed = false;

  /** @throws CaffeError 'missing', 'io' or 'bad-file'. */
  constructor(path: string) {
    this.path = path;
    this.descriptor = openForReading(path);
    try {
      this.size = fstatSync(this.descriptor).size;
      this.meta = currentMeta(path, (offset, length) => this.bytes(offset, length));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A page of a tree. */
  page(number: number): Buffer {
    const held = this.cache.get(number);
    if (held !== undefined) {
      this.cache.delete(number);
      this.cache.set(number, held);
      return held;
    }
    const { pageSize } = this.meta;
    const page = this.bytes(number * pageSize, pageSize);
    if (page.length < pageSize) throw this.damaged(number, 'lies beyond the end of the file');
    if (this.cache.size >= cachedPages) this.cache.delete(this.cache.keys().next().value as number);
    this.cache.set(number, page);
    return page;
  }

  /** Bytes of the file; fewer than asked for at its end. */
  bytes(offset: number, length: number): Buffer {
    const available = Math.max(0, Math.min(length, this.size - offset));
    const bytes = Buffer.allocUnsafe(available);
    let done = 0;
    while (done < available) {
      const count = readSync(this.descriptor, bytes, done, available - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.cache.clear();
    closeSync(this.descriptor);
  }

  /** The one error for whatever is wrong inside the file. */
  damaged(page: number, what: string, record?: string): CaffeError {
    return new CaffeError({
      code: 'bad-file',
      file: this.path,
      record,
      problem: `the LMDB file is damaged: page ${page} ${what}`,
      fix: 'copy the database again from where it came, or make it again with convert_imageset',
    });
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new CaffeError(
      {
        code: missing ? 'missing' : 'io',
        file: path,
        problem: missing ? 'does not exist' : `cannot be read (${code})`,
        fix: missing ? 'make the database with convert_imageset, or correct the path' : 'check its permissions',
      },
      { cause },
    );
  }
}
