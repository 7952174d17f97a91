import { nodeFlag, nodeHeaderSize, noPage, pageFlag, pageHeaderSize, readU64 } from './format.ts';
import type { TreeMeta } from './meta.ts';
import type { PageFile } from './page-file.ts';

/** A node of a leaf: where its value lies in the file. */
export interface LeafNode {
  key: Buffer;
  /** First overflow page of the value, or −1 where the value lies in the leaf itself. */
  overflowPage: number;
  /** Byte offset of the value in the file. */
  offset: number;
  length: number;
}

/** A checked view of a branch or leaf page. */
export class Page {
  readonly number: number;
  readonly isLeaf: boolean;
  readonly count: number;
  private readonly file: PageFile;
  private readonly bytes: Buffer;

  /** @throws CaffeError 'bad-file' where the page's header is not a tree page's. */
  constructor(file: PageFile, number: number) {
    this.file = file;
    this.number = number;
    if (number < 2 || number > file.meta.lastPage) {
      throw file.damaged(number, `is outside the database (pages 2 to ${file.meta.lastPage})`);
    }
    const bytes = file.page(number);
    this.bytes = bytes;
    if (readU64(bytes, 0) !== number) throw file.damaged(number, `carries the number ${readU64(bytes, 0)}`);
    const flags = bytes.readUInt16LE(10);
    const kind = flags & (pageFlag.branch | pageFlag.leaf | pageFlag.overflow | pageFlag.meta | pageFlag.leaf2);
    if (kind !== pageFlag.branch && kind !== pageFlag.leaf) {
      throw file.damaged(number, `is neither branch nor leaf (flags 0x${flags.toString(16)})`);
    }
    this.isLeaf = kind === pageFlag.leaf;
    const lower = bytes.readUInt16LE(12);
    const upper = bytes.readUInt16LE(14);
    if (lower < pageHeaderSize || (lower & 1) !== 0 || upper < lower || upper > bytes.length) {
      throw file.damaged(number, `has impossible bounds (${lower} and ${upper})`);
    }
    this.count = (lower - pageHeaderSize) / 2;
    if (this.count < (this.isLeaf ? 1 : 2)) throw file.damaged(number, `holds too few nodes (${this.count})`);
  }

  /** Key of node i; empty for a branch's first. */
  key(i: number): Buffer {
    const at = this.node(i);
    const size = this.bytes.readUInt16LE(at + 6);
    if (at + nodeHeaderSize + size > this.bytes.length)
      throw this.file.damaged(this.number, `has a cut key (node ${i})`);
    return this.bytes.subarray(at + nodeHeaderSize, at + nodeHeaderSize + size);
  }

  /** Page number of a branch's child i. */
  child(i: number): number {
    const at = this.node(i);
    return this.bytes.readUInt16LE(at + 4) * 4294967296 + this.bytes.readUInt32LE(at);
  }

  leaf(i: number): LeafNode {
    const { file, number, bytes } = this;
    const at = this.node(i);
    const key = this.key(i);
    const length = bytes.readUInt32LE(at);
    const flags = bytes.readUInt16LE(at + 4);
    if ((flags & (nodeFlag.subData | nodeFlag.dupData)) !== 0) {
      throw file.damaged(
        number,
        `holds a named database or several values of one key (node ${i}), which Caffe never writes`,
      );
    }
    const dataAt = at + nodeHeaderSize + key.length;
    if ((flags & nodeFlag.bigData) === 0) {
      if (dataAt + length > bytes.length) throw file.damaged(number, `has a cut value (node ${i})`);
      return { key, overflowPage: noPage, offset: number * bytes.length + dataAt, length };
    }
    if (dataAt + 8 > bytes.length) throw file.damaged(number, `has a cut value (node ${i})`);
    const overflowPage = readU64(bytes, dataAt);
    return { key, overflowPage, offset: overflowPage * bytes.length + pageHeaderSize, length };
  }

  /** Size in bytes of node i of a leaf as it lies in the page, for copying. */
  rawLeaf(i: number): Buffer {
    const at = this.node(i);
    const { key, overflowPage, length } = this.leaf(i);
    return this.bytes.subarray(at, at + nodeHeaderSize + key.length + (overflowPage === noPage ? length : 8));
  }

  private node(i: number): number {
    const at = this.bytes.readUInt16LE(pageHeaderSize + 2 * i);
    if (at < pageHeaderSize + 2 * this.count || at + nodeHeaderSize > this.bytes.length) {
      throw this.file.damaged(this.number, `has a node outside itself (node ${i} at ${at})`);
    }
    return at;
  }
}

/** A page of a tree, of the kind that its level asks for. */
export function treePage(file: PageFile, tree: TreeMeta, number: number, level: number): Page {
  const page = new Page(file, number);
  const leafExpected = level === tree.depth - 1;
  if (page.isLeaf !== leafExpected) {
    throw file.damaged(number, `is a ${page.isLeaf ? 'leaf' : 'branch'} at level ${level + 1} of ${tree.depth}`);
  }
  return page;
}
