import { statSync } from 'node:fs';
import { CaffeError } from '@jacinto/proto/errors';
import { ClassicLevel, type Iterator } from 'classic-level';
import { keyText } from '../lmdb/format.ts';
import type { DatabaseCursor, DatabaseReader, DatabaseRecord, DatabaseWriter } from './database.ts';
import { removeSnapshot, snapshotFolder } from './leveldb-snapshot.ts';

type Level = ClassicLevel<Uint8Array, Uint8Array>;

/** As Caffe sets them, in bytes. */
const options = { blockSize: 65536, writeBufferSize: 256 * 1024 * 1024, maxOpenFiles: 100 };
const encoding = { keyEncoding: 'view', valueEncoding: 'view' } as const;
const readAhead = 64;

/** Reads a LevelDB folder without changing it. */
export class LevelDbReader implements DatabaseReader {
  readonly source: string;
  readonly backend = 'leveldb';
  private readonly level: Level;
  private readonly folder: string;

  private constructor(source: string, level: Level, folder: string) {
    this.source = source;
    this.level = level;
    this.folder = folder;
  }

  /** @throws CaffeError 'missing', 'io' or 'bad-file'. */
  static async open(source: string): Promise<LevelDbReader> {
    if (statSync(source, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new CaffeError({
        code: 'missing',
        file: source,
        problem: 'does not exist',
        fix: 'make the database with convert_imageset --backend=leveldb, or correct the path',
      });
    }
    const folder = await guarded(source, () => snapshotFolder(source));
    const level: Level = new ClassicLevel(folder, { ...encoding, ...options, createIfMissing: false });
    try {
      await guarded(source, () => level.open());
    } catch (error) {
      removeSnapshot(folder);
      throw error;
    }
    return new LevelDbReader(source, level, folder);
  }

  async count(): Promise<number> {
    return await guarded(this.source, async () => {
      const keys = this.level.keys();
      let count = 0;
      for (let some = await keys.nextv(4096); some.length > 0; some = await keys.nextv(4096)) count += some.length;
      await keys.close();
      return count;
    });
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return await guarded(this.source, () => this.level.get(key), key);
  }

  cursor(): DatabaseCursor {
    return new Cursor(this.source, this.level);
  }

  async close(): Promise<void> {
    await this.level.close();
    removeSnapshot(this.folder);
  }
}

class Cursor implements DatabaseCursor {
  private readonly source: string;
  private readonly level: Level;
  private iterator: Iterator<Level, Uint8Array, Uint8Array>;
  private held: [Uint8Array, Uint8Array][] = [];
  private at = 0;
  private last: Uint8Array | undefined;

  constructor(source: string, level: Level) {
    this.source = source;
    this.level = level;
    this.iterator = level.iterator<Uint8Array, Uint8Array>({});
  }

  async next(): Promise<DatabaseRecord | undefined> {
    if (this.at === this.held.length) {
      this.held = await guarded(this.source, () => this.iterator.nextv(readAhead), this.last);
      this.at = 0;
    }
    const entry = this.held[this.at++];
    if (entry === undefined) {
      this.at = this.held.length;
      return undefined;
    }
    this.last = entry[0];
    return { key: entry[0], value: entry[1] };
  }

  async skip(count: number): Promise<void> {
    const here = Math.min(count, this.held.length - this.at);
    this.at += here;
    if (here > 0) this.last = this.held[this.at - 1]![0];
    let left = count - here;
    if (left === 0) return;
    await guarded(this.source, async () => {
      const keys = this.level.keys(this.last === undefined ? {} : { gt: this.last });
      while (left > 0) {
        const some = await keys.nextv(Math.min(left, 4096));
        if (some.length === 0) break;
        left -= some.length;
        this.last = some.at(-1)!;
      }
      await keys.close();
      await this.iterator.close();
      this.iterator = this.level.iterator<Uint8Array, Uint8Array>(this.last === undefined ? {} : { gt: this.last });
    });
    this.held = [];
    this.at = 0;
  }

  async close(): Promise<void> {
    await this.iterator.close();
  }
}

export class LevelDbWriter implements DatabaseWriter {
  readonly source: string;
  readonly backend = 'leveldb';
  private readonly level: Level;
  private batch: { type: 'put'; key: Uint8Array; value: Uint8Array }[] = [];

  private constructor(source: string, level: Level) {
    this.source = source;
    this.level = level;
  }

  /** @param create The folder must not hold a database yet. @throws CaffeError 'io' or 'bad-file'. */
  static async open(source: string, create: boolean): Promise<LevelDbWriter> {
    const level: Level = new ClassicLevel(source, { ...encoding, ...options, errorIfExists: create });
    await guarded(source, () => level.open());
    return new LevelDbWriter(source, level);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.batch.push({ type: 'put', key: Uint8Array.from(key), value: Uint8Array.from(value) });
  }

  async commit(): Promise<void> {
    const { batch } = this;
    this.batch = [];
    if (batch.length > 0) await guarded(this.source, () => this.level.batch(batch, { sync: true }));
  }

  async close(): Promise<void> {
    await this.level.close();
  }
}

/** What LevelDB says goes on as one CaffeError. */
async function guarded<T>(file: string, body: () => Promise<T>, record?: Uint8Array): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    if (cause instanceof CaffeError) throw cause;
    throw levelError(file, cause, record);
  }
}

function levelError(file: string, cause: unknown, record?: Uint8Array): CaffeError {
  // The library says only that opening failed; its cause has LevelDB's own words.
  const inner = (cause as Error).cause instanceof Error ? ((cause as Error).cause as Error) : (cause as Error);
  const { code } = inner as { code?: string };
  const said = inner.message.replace(/\s+/g, ' ');
  const key = record === undefined ? undefined : keyText(record);
  if (/exists \(error_if_exists/.test(said)) {
    const fix = 'delete it first, or choose another name';
    return new CaffeError({ code: 'io', file, problem: 'exists already', fix }, { cause });
  }
  if (code === 'LEVEL_LOCKED') {
    const fix = 'wait until the other program has closed it';
    return new CaffeError({ code: 'io', file, problem: 'is being written by another program', fix }, { cause });
  }
  const corrupt = code === 'LEVEL_CORRUPTION' || /corrupt|does not exist|missing files/i.test(said);
  return new CaffeError(
    {
      code: corrupt ? 'bad-file' : 'io',
      file,
      record: key,
      problem: corrupt ? `the LevelDB folder is damaged or none (${said})` : `LevelDB failed (${said})`,
      fix: corrupt
        ? 'copy the database again from where it came, or make it again with convert_imageset'
        : 'check the disk and the permissions of the folder',
    },
    { cause },
  );
}
