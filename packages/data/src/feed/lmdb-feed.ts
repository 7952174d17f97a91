import { CaffeError } from '@jacinto/proto/errors';
import type { LmdbCursor } from '../lmdb/cursor.ts';
import { keyText } from '../lmdb/format.ts';
import { LmdbReader } from '../lmdb/reader.ts';
import type { RecordFeed, RecordRef } from './record-ref.ts';

/** The records of an LMDB in the order of their keys; only where they lie is read here. */
export class LmdbFeed implements RecordFeed {
  private readonly reader: LmdbReader;
  private cursor: LmdbCursor;

  /** @throws CaffeError where it cannot be read or holds nothing. */
  constructor(source: string) {
    this.reader = new LmdbReader(source);
    if (this.reader.entries === 0) {
      this.reader.close();
      throw emptyDatabase(source);
    }
    this.cursor = this.reader.cursor();
  }

  get count(): number {
    return this.reader.entries;
  }

  next(): RecordRef {
    let node = this.cursor.next();
    if (node === undefined) {
      this.cursor = this.reader.cursor();
      node = this.cursor.next()!;
    }
    const { key, overflowPage, offset, length } = node;
    return { from: 'lmdb', key: keyText(key), overflowPage, offset, length };
  }

  seek(position: number): void {
    this.cursor = this.reader.cursor();
    this.cursor.skip(position % this.count);
  }

  close(): void {
    this.reader.close();
  }
}

export function emptyDatabase(source: string): CaffeError {
  return new CaffeError({
    code: 'bad-data',
    file: source,
    problem: 'the database holds no record',
    fix: 'fill it with convert_imageset, and see that its list names images',
  });
}
