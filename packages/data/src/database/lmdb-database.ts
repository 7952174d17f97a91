import type { LmdbCursor } from '../lmdb/cursor.ts';
import { LmdbReader } from '../lmdb/reader.ts';
import { LmdbWriter } from '../lmdb/writer.ts';
import type { DatabaseCursor, DatabaseReader, DatabaseRecord, DatabaseWriter } from './database.ts';

export class LmdbDatabaseReader implements DatabaseReader {
  readonly source: string;
  readonly backend = 'lmdb';
  private readonly reader: LmdbReader;

  constructor(source: string) {
    this.source = source;
    this.reader = new LmdbReader(source);
  }

  async count(): Promise<number> {
    return this.reader.entries;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.reader.get(key);
  }

  cursor(): DatabaseCursor {
    return new Cursor(this.reader);
  }

  async close(): Promise<void> {
    this.reader.close();
  }
}

class Cursor implements DatabaseCursor {
  private readonly reader: LmdbReader;
  private readonly cursor: LmdbCursor;

  constructor(reader: LmdbReader) {
    this.reader = reader;
    this.cursor = reader.cursor();
  }

  async next(): Promise<DatabaseRecord | undefined> {
    const node = this.cursor.next();
    return node === undefined ? undefined : { key: node.key, value: this.reader.value(node) };
  }

  async skip(count: number): Promise<void> {
    this.cursor.skip(count);
  }

  async close(): Promise<void> {}
}

export class LmdbDatabaseWriter implements DatabaseWriter {
  readonly source: string;
  readonly backend = 'lmdb';
  private readonly writer: LmdbWriter;

  constructor(source: string, create: boolean) {
    this.source = source;
    this.writer = new LmdbWriter(source, { create });
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.writer.put(key, value);
  }

  async commit(): Promise<void> {
    this.writer.commit();
  }

  async close(): Promise<void> {
    this.writer.close();
  }
}
