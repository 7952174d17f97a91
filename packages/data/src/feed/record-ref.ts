/** Where a record's bytes lie: plain data that a worker can use without opening anything twice. */
export type RecordRef =
  /** A value of an LMDB file. */
  | { from: 'lmdb'; key: string; overflowPage: number; offset: number; length: number }
  /** The bytes themselves (LevelDB). */
  | { from: 'bytes'; key: string; bytes: Uint8Array }
  /** An image file of a list. */
  | { from: 'file'; path: string; label: number; line: number };

/** Hands out records one after the other, without end: behind the last one comes the first. */
export interface RecordFeed {
  /** Records a round. */
  readonly count: number;
  next(): RecordRef | Promise<RecordRef>;
  /** Goes to the record that comes after `position` others from the start. */
  seek(position: number): void | Promise<void>;
  close(): void | Promise<void>;
}
