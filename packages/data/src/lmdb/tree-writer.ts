import { freeOverflow, type PageAllocator } from './allocator.ts';
import {
  largestNode,
  nodeFlag,
  nodeHeaderSize,
  noPage,
  overflowPages,
  pageFlag,
  pageHeaderSize,
  writeU64,
} from './format.ts';
import type { TreeMeta } from './meta.ts';
import { treePage } from './page.ts';
import type { PageFile } from './page-file.ts';
import type { PageWriter } from './page-writer.ts';

/** A record to be put: the bytes of its leaf node. */
export interface NewNode {
  key: Buffer;
  node: Buffer;
}

interface Child {
  /** Smallest key that may lie below it. */
  from: Buffer;
  page: number;
}

interface Target {
  tree: TreeMeta;
  allocate: () => number;
  allocator: PageAllocator;
  writer: PageWriter;
  pageSize: number;
  /** The present snapshot; undefined where the tree is built from nothing. */
  file?: PageFile;
}

/** Whether a value goes to overflow pages. */
export function isLarge(key: Uint8Array, size: number, pageSize: number): boolean {
  return nodeHeaderSize + key.length + size > largestNode(pageSize);
}

/** A leaf node with its value inside. */
export function smallNode(key: Buffer, value: Uint8Array): NewNode {
  const node = nodeOf(key, value.length, 0, value.length);
  node.set(value, nodeHeaderSize + key.length);
  return { key, node };
}

/** A leaf node whose value lies on overflow pages. */
export function largeNode(key: Buffer, size: number, page: number): NewNode {
  const node = nodeOf(key, size, nodeFlag.bigData, 8);
  writeU64(node, page, nodeHeaderSize + key.length);
  return { key, node };
}

/** The bytes of overflow pages, ready to be written. */
export function overflowBytes(page: number, value: Uint8Array, pageSize: number): Buffer {
  const bytes = Buffer.allocUnsafe(pageHeaderSize + value.length);
  bytes.fill(0, 0, pageHeaderSize);
  writeU64(bytes, page, 0);
  bytes.writeUInt16LE(pageFlag.overflow, 10);
  bytes.writeUInt32LE(overflowPages(value.length, pageSize), 12);
  bytes.set(value, pageHeaderSize);
  return bytes;
}

/** Puts records, in the order of their keys and without duplicates, into a tree by copying the pages on their way. */
export function putSorted(target: Target, nodes: readonly NewNode[]): void {
  if (nodes.length === 0) return;
  const { tree } = target;
  const nothing = Buffer.alloc(0);
  let children =
    tree.root === noPage ? writeLeaves(target, nodes, nothing, true) : putBelow(target, tree.root, 0, nodes, nothing);
  if (tree.root === noPage) {
    tree.entries = nodes.length;
    tree.depth = 1;
  }
  while (children.length > 1) {
    children = writeBranches(target, children, true);
    tree.depth++;
  }
  tree.root = children[0]!.page;
}

function putBelow(target: Target, number: number, level: number, nodes: readonly NewNode[], from: Buffer): Child[] {
  const { tree, allocator, file } = target;
  const page = treePage(file!, tree, number, level);
  allocator.free(number);
  if (page.isLeaf) {
    tree.leafPages--;
    const merged = mergeLeaf(target, page, nodes);
    return writeLeaves(target, merged.nodes, from, merged.appended);
  }
  tree.branchPages--;
  const children: Child[] = [];
  let begin = 0;
  for (let i = 0; i < page.count; i++) {
    const childFrom = i === 0 ? from : Buffer.from(page.key(i));
    const end = i + 1 < page.count ? lowerBound(nodes, page.key(i + 1), begin) : nodes.length;
    if (end === begin) children.push({ from: childFrom, page: page.child(i) });
    else {
      const below = putBelow(target, page.child(i), level + 1, nodes.slice(begin, end), childFrom);
      for (const child of below) children.push(child);
    }
    begin = end;
  }
  return writeBranches(target, children, begin === nodes.length && lastOnly(nodes, page.key(page.count - 1)));
}

function lastOnly(nodes: readonly NewNode[], lastKey: Buffer): boolean {
  return Buffer.compare(nodes[0]!.key, lastKey) >= 0;
}

/** Index of the first node with a key not smaller. */
function lowerBound(nodes: readonly NewNode[], key: Buffer, begin: number): number {
  let low = begin;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Buffer.compare(nodes[middle]!.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mergeLeaf(
  { tree, allocator, pageSize }: Target,
  page: ReturnType<typeof treePage>,
  nodes: readonly NewNode[],
): { nodes: NewNode[]; appended: boolean } {
  const merged: NewNode[] = [];
  let next = 0;
  for (let i = 0; i < page.count; i++) {
    const old = page.leaf(i);
    while (next < nodes.length && Buffer.compare(nodes[next]!.key, old.key) < 0) merged.push(nodes[next++]!);
    if (next < nodes.length && Buffer.compare(nodes[next]!.key, old.key) === 0) {
      if (old.overflowPage !== noPage) freeOverflow(allocator, tree, old.overflowPage, old.length, pageSize);
      tree.entries--;
      merged.push(nodes[next++]!);
    } else {
      merged.push({ key: old.key, node: page.rawLeaf(i) });
    }
  }
  const appended = next === 0;
  tree.entries += nodes.length;
  return { nodes: merged.concat(nodes.slice(next)), appended };
}

function writeLeaves(target: Target, nodes: readonly NewNode[], from: Buffer, full: boolean): Child[] {
  const groups = groupsOf(nodes, (item) => item.node.length, target.pageSize, full, 1);
  return groups.map((group, i) => {
    target.tree.leafPages++;
    const page = writePage(
      target,
      pageFlag.leaf,
      group.map(({ node }) => node),
    );
    return { from: i === 0 ? from : Buffer.from(group[0]!.key), page };
  });
}

function writeBranches(target: Target, children: readonly Child[], full: boolean): Child[] {
  const groups = groupsOf(children, (child) => nodeHeaderSize + child.from.length, target.pageSize, full, 2);
  return groups.map((group) => {
    target.tree.branchPages++;
    const nodes = group.map((child, i) => branchNode(i === 0 ? Buffer.alloc(0) : child.from, child.page));
    return { from: group[0]!.from, page: writePage(target, pageFlag.branch, nodes) };
  });
}

/** Cuts nodes into pages: as full as they get where records are being appended, else about equally full. */
function groupsOf<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  pageSize: number,
  full: boolean,
  least: number,
): T[][] {
  const room = pageSize - pageHeaderSize;
  const sizes = items.map((item) => even(sizeOf(item)) + 2);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const target = full ? room : total / Math.ceil(total / room);
  const groups: T[][] = [];
  let group: T[] = [];
  let used = 0;
  for (const [i, item] of items.entries()) {
    if (group.length > 0 && (used + sizes[i]! > room || used >= target)) {
      groups.push(group);
      group = [];
      used = 0;
    }
    group.push(item);
    used += sizes[i]!;
  }
  groups.push(group);
  if (groups.length > 1 && group.length < least) group.unshift(groups.at(-2)!.pop()!);
  return groups;
}

function writePage({ allocate, writer, pageSize }: Target, flags: number, nodes: readonly Buffer[]): number {
  const number = allocate();
  const bytes = Buffer.alloc(pageSize);
  writeU64(bytes, number, 0);
  bytes.writeUInt16LE(flags, 10);
  let upper = pageSize;
  for (const [i, node] of nodes.entries()) {
    upper -= even(node.length);
    bytes.set(node, upper);
    bytes.writeUInt16LE(upper, pageHeaderSize + 2 * i);
  }
  bytes.writeUInt16LE(pageHeaderSize + 2 * nodes.length, 12);
  bytes.writeUInt16LE(upper, 14);
  writer.write(number, bytes);
  return number;
}

function nodeOf(key: Buffer, dataSize: number, flags: number, room: number): Buffer {
  const node = Buffer.alloc(nodeHeaderSize + key.length + room);
  node.writeUInt32LE(dataSize, 0);
  node.writeUInt16LE(flags, 4);
  node.writeUInt16LE(key.length, 6);
  node.set(key, nodeHeaderSize);
  return node;
}

function branchNode(key: Buffer, page: number): Buffer {
  const node = Buffer.alloc(nodeHeaderSize + key.length);
  node.writeUInt32LE(page % 4294967296, 0);
  node.writeUInt16LE(Math.floor(page / 4294967296), 4);
  node.writeUInt16LE(key.length, 6);
  node.set(key, nodeHeaderSize);
  return node;
}

function even(size: number): number {
  return size + (size & 1);
}
