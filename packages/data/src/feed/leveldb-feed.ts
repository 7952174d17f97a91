import type { DatabaseCursor, DatabaseReader } from '../database/database.ts';
import { openDatabase } from '../database/open.ts';
import { keyText } from '../lmdb/format.ts';
import { emptyDatabase } from './lmdb-feed.ts';
import type { RecordFeed, RecordRef } from './record-ref.ts';

/** The records of a LevelDB in the order of their keys. */
export class LevelDbFeed implements RecordFeed {
  readonly count: number;
  private readonly database: DatabaseReader;
  private cursor: DatabaseCursor;

  private constructor(database: DatabaseReader, count: number) {
    this.database = database;
    this.count = count;
    this.cursor = database.cursor();
  }

  /** @throws CaffeError where it cannot be read or holds nothing. */
  static async open(source: string): Promise<LevelDbFeed> {
    const database = await openDatabase(source, 'leveldb', 'read');
    try {
      const count = await database.count();
      if (count === 0) throw emptyDatabase(source);
      return new LevelDbFeed(database, count);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async next(): Promise<RecordRef> {
    let record = await this.cursor.next();
    if (record === undefined) {
      await this.seek(0);
      record = (await this.cursor.next())!;
    }
    const { key, value } = record;
    // A view of a larger buffer would be sent to a worker with all of it.
    const bytes = value.byteLength === value.buffer.byteLength ? value : value.slice();
    return { from: 'bytes', key: keyText(key), bytes };
  }

  async seek(position: number): Promise<void> {
    await this.cursor.close();
    this.cursor = this.database.cursor();
    await this.cursor.skip(position % this.count);
  }

  async close(): Promise<void> {
    await this.cursor.close();
    await this.database.close();
  }
}
