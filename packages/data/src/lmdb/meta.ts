import { CaffeError } from '@jacinto/proto/errors';
import {
  dataVersion,
  defaultPageSize,
  integerKey,
  maxDepth,
  metaMagic,
  noPage,
  pageFlag,
  pageHeaderSize,
  readU64,
  writeU64,
} from './format.ts';

/** What a meta page says of one tree. */
export interface TreeMeta {
  flags: number;
  depth: number;
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
  root: number;
}

/** A meta page: a snapshot of the database. */
export interface Meta {
  pageSize: number;
  mapSize: number;
  /** Tree of free pages, by the transaction that freed them. */
  free: TreeMeta;
  main: TreeMeta;
  lastPage: number;
  transaction: number;
}

const metaSize = 136;
const treeSize = 48;

export function emptyTree(flags = 0): TreeMeta {
  return { flags, depth: 0, branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0, root: noPage };
}

export function emptyMeta(mapSize: number, pageSize = defaultPageSize): Meta {
  return { pageSize, mapSize, free: emptyTree(integerKey), main: emptyTree(), lastPage: 1, transaction: 0 };
}

/** The bytes of meta page 0 or 1. */
export function encodeMeta(meta: Meta, page: number): Buffer {
  const bytes = Buffer.alloc(meta.pageSize);
  writeU64(bytes, page, 0);
  bytes.writeUInt16LE(pageFlag.meta, 10);
  const at = pageHeaderSize;
  bytes.writeUInt32LE(metaMagic, at);
  bytes.writeUInt32LE(dataVersion, at + 4);
  writeU64(bytes, meta.mapSize, at + 16);
  writeTree(bytes, meta.free, at + 24);
  bytes.writeUInt32LE(meta.pageSize, at + 24);
  writeTree(bytes, meta.main, at + 24 + treeSize);
  writeU64(bytes, meta.lastPage, at + 120);
  writeU64(bytes, meta.transaction, at + 128);
  return bytes;
}

function writeTree(bytes: Buffer, tree: TreeMeta, at: number): void {
  bytes.writeUInt16LE(tree.flags, at + 4);
  bytes.writeUInt16LE(tree.depth, at + 6);
  const numbers = [tree.branchPages, tree.leafPages, tree.overflowPages, tree.entries, tree.root];
  for (const [i, value] of numbers.entries()) writeU64(bytes, value, at + 8 + 8 * i);
}

/** What is wrong with a meta page, or the meta. */
function decodeMeta(bytes: Buffer, page: number): Meta | string {
  const at = pageHeaderSize;
  if (bytes.length < at + metaSize) return 'is cut short';
  if (bytes.readUInt32LE(at) !== metaMagic) return 'has not the mark of LMDB (0xBEEFC0DE)';
  const version = bytes.readUInt32LE(at + 4) & 0x7fffffff;
  if (version !== dataVersion) return `has format version ${version}, not ${dataVersion}`;
  if ((bytes.readUInt16LE(10) & pageFlag.meta) === 0 || readU64(bytes, 0) !== page) return 'has a damaged header';
  const pageSize = bytes.readUInt32LE(at + 24);
  if (pageSize < 256 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return `has page size ${pageSize}`;
  const meta: Meta = {
    pageSize,
    mapSize: readU64(bytes, at + 16),
    free: readTree(bytes, at + 24),
    main: readTree(bytes, at + 24 + treeSize),
    lastPage: readU64(bytes, at + 120),
    transaction: readU64(bytes, at + 128),
  };
  for (const tree of [meta.free, meta.main]) {
    if (tree.depth > maxDepth) return `says that a tree is ${tree.depth} levels deep`;
    if (tree.root !== noPage && (tree.root < 2 || tree.root > meta.lastPage)) return `names root page ${tree.root}`;
    if ((tree.root === noPage) !== (tree.depth === 0)) return 'says that a tree has levels but no root, or the reverse';
  }
  return meta;
}

function readTree(bytes: Buffer, at: number): TreeMeta {
  return {
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readU64(bytes, at + 8),
    leafPages: readU64(bytes, at + 16),
    overflowPages: readU64(bytes, at + 24),
    entries: readU64(bytes, at + 32),
    root: readU64(bytes, at + 40),
  };
}

/**
 * The meta in force: the newer one of the two that are whole.
 * @param read Reads bytes of the file; fewer than asked for at its end.
 * @throws CaffeError 'bad-file' where neither is.
 */
export function currentMeta(file: string, read: (offset: number, length: number) => Buffer): Meta {
  const first = decodeMeta(read(0, pageHeaderSize + metaSize), 0);
  const sizes = typeof first === 'string' ? [4096, 8192, 16384, 32768, 65536, 2048, 1024] : [first.pageSize];
  let second: Meta | string = 'is missing';
  for (const size of sizes) {
    second = decodeMeta(read(size, pageHeaderSize + metaSize), 1);
    if (typeof second !== 'string' && second.pageSize === size) break;
    if (typeof second !== 'string') second = 'has another page size';
  }
  const whole = [first, second].filter((meta): meta is Meta => typeof meta !== 'string');
  if (whole.length === 0) {
    const size = read(0, 1).length === 0 ? 'is empty' : `meta page 0 ${first}`;
    throw new CaffeError({
      code: 'bad-file',
      file,
      problem: `is not an LMDB data file, or its start is damaged: ${size}`,
      fix: 'make the database again with convert_imageset, or name another one',
    });
  }
  return whole.reduce((a, b) => (b.transaction > a.transaction ? b : a));
}
