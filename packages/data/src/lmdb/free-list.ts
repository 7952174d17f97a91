import type { PageAllocator } from './allocator.ts';
import { LmdbCursor } from './cursor.ts';
import { integerKey, noPage, overflowPages, readU64, writeU64 } from './format.ts';
import { emptyTree, type TreeMeta } from './meta.ts';
import { treePage } from './page.ts';
import type { PageFile } from './page-file.ts';
import type { PageWriter } from './page-writer.ts';
import { readValue } from './reader.ts';
import { isLarge, largeNode, type NewNode, overflowBytes, putSorted, smallNode } from './tree-writer.ts';

/** Free pages of a snapshot. */
export interface FreeList {
  /** Freed two transactions ago or earlier: no snapshot that a reader may have opened lately uses them. */
  usable: number[];
  /** Freed by the last transaction: the snapshot before it still uses them. */
  held: number[];
  /** Pages of the free list's own tree. */
  own: number[];
}

/** Reads the list of free pages. @throws CaffeError 'bad-file'. */
export function readFreeList(file: PageFile): FreeList {
  const { free, transaction, pageSize } = file.meta;
  const list: FreeList = { usable: [], held: [], own: [] };
  if (free.root === noPage) return list;
  collectPages(file, free, free.root, 0, list.own);
  const cursor = new LmdbCursor(file, free, readIntegerKeys);
  for (let node = cursor.next(); node !== undefined; node = cursor.next()) {
    const value = readValue(file, node);
    if (node.overflowPage !== noPage) {
      for (let i = 0; i < overflowPages(node.length, pageSize); i++) list.own.push(node.overflowPage + i);
    }
    const count = value.length < 8 ? 0 : readU64(value, 0);
    const target = readU64(node.key, 0) < transaction ? list.usable : list.held;
    for (let i = 1; i <= count && 8 * i + 8 <= value.length; i++) target.push(readU64(value, 8 * i));
  }
  return list;
}

function readIntegerKeys(a: Buffer, b: Buffer): number {
  return a.length < 8 || b.length < 8 ? Buffer.compare(a, b) : readU64(a, 0) - readU64(b, 0);
}

function collectPages(file: PageFile, tree: TreeMeta, number: number, level: number, into: number[]): void {
  if (into.length > file.meta.lastPage) throw file.damaged(number, 'is reached again and again in the free list');
  into.push(number);
  const page = treePage(file, tree, number, level);
  if (page.isLeaf) return;
  for (let i = 0; i < page.count; i++) collectPages(file, tree, page.child(i), level + 1, into);
}

/**
 * Writes the free list of a new snapshot. Its own pages come from the end of the file, since taking them from the list
 * would change what is being written.
 */
export function writeFreeList(
  before: FreeList,
  allocator: PageAllocator,
  writer: PageWriter,
  transaction: number,
  pageSize: number,
): TreeMeta {
  for (const page of before.own) allocator.free(page);
  const tree = emptyTree(integerKey);
  const records: [number, readonly number[]][] = [
    [transaction - 2, allocator.unused],
    [transaction - 1, before.held],
    [transaction, allocator.freed],
  ];
  const nodes: NewNode[] = [];
  for (const [freedBy, pages] of records) {
    if (pages.length === 0) continue;
    const key = Buffer.alloc(8);
    writeU64(key, Math.max(1, freedBy), 0);
    const value = Buffer.alloc(8 + 8 * pages.length);
    writeU64(value, pages.length, 0);
    for (const [i, page] of [...pages].sort((a, b) => b - a).entries()) writeU64(value, page, 8 + 8 * i);
    if (!isLarge(key, value.length, pageSize)) {
      nodes.push(smallNode(key, value));
      continue;
    }
    const count = overflowPages(value.length, pageSize);
    const first = allocator.takeAtEnd(count);
    writer.write(first, overflowBytes(first, value, pageSize));
    tree.overflowPages += count;
    nodes.push(largeNode(key, value.length, first));
  }
  putSorted({ tree, allocate: () => allocator.takeAtEnd(), allocator, writer, pageSize }, nodes);
  return tree;
}
