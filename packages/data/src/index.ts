export { LmdbCursor } from './lmdb/cursor.ts';
export { keyText } from './lmdb/format.ts';
export type { LeafNode } from './lmdb/page.ts';
export { LmdbReader } from './lmdb/reader.ts';
export { LmdbWriter, type LmdbWriterOptions } from './lmdb/writer.ts';
