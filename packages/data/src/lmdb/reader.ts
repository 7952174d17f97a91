import { CaffeError } from '@jacinto/proto/errors';
import { LmdbCursor } from './cursor.ts';
import { keyText, noPage, overflowPages, pageFlag, pageHeaderSize, readU64 } from './format.ts';
import type { TreeMeta } from './meta.ts';
import type { LeafNode } from './page.ts';
import { dataFileOf, PageFile } from './page-file.ts';

/**
 * Reads an LMDB database of format 1: any page size, any file size; only pages asked for are read. Sees the snapshot
 * that was in force when it was opened. Takes no lock, as Caffe (MDB_NOLOCK): do not write to it at the same time.
 * Every fault of the file is one CaffeError 'bad-file' that names file, page and, where known, record.
 */
export class LmdbReader {
  readonly file: PageFile;
  private readonly tree: TreeMeta;

  /** @param path The database's folder or its data file. @throws CaffeError 'missing', 'io' or 'bad-file'. */
  constructor(path: string) {
    this.file = new PageFile(dataFileOf(path));
    this.tree = this.file.meta.main;
    try {
      this.checkOpened();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Number of records. */
  get entries(): number {
    return this.tree.entries;
  }

  /** A cursor before the first record. */
  cursor(): LmdbCursor {
    return new LmdbCursor(this.file, this.tree);
  }

  /** The value of a key, or undefined. */
  get(key: Uint8Array): Buffer | undefined {
    const node = this.cursor().seek(key);
    return node !== undefined && Buffer.compare(node.key, key) === 0 ? this.value(node) : undefined;
  }

  /** The bytes of a value. */
  value(node: LeafNode): Buffer {
    return readValue(this.file, node);
  }

  close(): void {
    this.file.close();
  }

  private checkOpened(): void {
    const { path, size, meta } = this.file;
    if (this.tree.flags !== 0) {
      throw new CaffeError({
        code: 'unsupported',
        file: path,
        problem: `the LMDB database has flags 0x${this.tree.flags.toString(16)} (duplicate, integer or reverse keys)`,
        fix: 'copy its records to a plain database; Caffe writes no other',
      });
    }
    // liblmdb may leave the last pages unwritten where nothing uses them; a file cut short lacks pages in use.
    if (size < (meta.lastPage + 1) * meta.pageSize) this.checkAllInside();
  }

  private checkAllInside(): void {
    const { size, meta } = this.file;
    const cursor = this.cursor();
    for (let node = cursor.next(); node !== undefined; node = cursor.next()) {
      if (node.offset + node.length <= size) continue;
      const page = node.overflowPage === noPage ? Math.floor(node.offset / meta.pageSize) : node.overflowPage;
      throw this.file.damaged(
        page,
        `lies beyond the end of the file: it is cut short (${size} bytes of ${(meta.lastPage + 1) * meta.pageSize})`,
        keyText(node.key),
      );
    }
  }
}

/** Reads and checks a value. @throws CaffeError 'bad-file'. */
export function readValue(file: PageFile, node: LeafNode): Buffer {
  if (node.overflowPage === noPage) return file.bytes(node.offset, node.length);
  const { pageSize, lastPage } = file.meta;
  const page = node.overflowPage;
  const fault = (what: string) => file.damaged(page, what, keyText(node.key));
  const needed = overflowPages(node.length, pageSize);
  if (page < 2 || page + needed - 1 > lastPage) {
    throw fault(`is the first of ${needed} pages of a value outside the database (pages 2 to ${lastPage})`);
  }
  const bytes = file.bytes(page * pageSize, pageHeaderSize + node.length);
  if (bytes.length < pageHeaderSize + node.length) throw fault('holds a value that ends beyond the end of the file');
  if (readU64(bytes, 0) !== page) throw fault(`carries the number ${readU64(bytes, 0)}`);
  const flags = bytes.readUInt16LE(10);
  if ((flags & pageFlag.overflow) === 0) throw fault(`is no overflow page (flags 0x${flags.toString(16)})`);
  if (bytes.readUInt32LE(12) < needed)
    throw fault(`says ${bytes.readUInt32LE(12)} overflow pages; ${needed} are needed`);
  return bytes.subarray(pageHeaderSize);
}
