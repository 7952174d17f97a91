/** The two stores that Caffe knows. */
export type DatabaseBackend = 'lmdb' | 'leveldb';

export interface DatabaseRecord {
  key: Uint8Array;
  value: Uint8Array;
}

/** Walks the records in the order of their keys' bytes. */
export interface DatabaseCursor {
  /** The next record, or undefined behind the last one. */
  next(): Promise<DatabaseRecord | undefined>;
  /** Passes over records without reading their values. */
  skip(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseReader {
  readonly source: string;
  readonly backend: DatabaseBackend;
  /** Number of records. */
  count(): Promise<number>;
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  cursor(): DatabaseCursor;
  close(): Promise<void>;
}

export interface DatabaseWriter {
  readonly source: string;
  readonly backend: DatabaseBackend;
  /** Adds a record or replaces that of the key; durable after `commit`. */
  put(key: Uint8Array, value: Uint8Array): void;
  /** Makes all puts since the last commit durable, all or none. */
  commit(): Promise<void>;
  /** Closes it; puts that were not committed are dropped. */
  close(): Promise<void>;
}
