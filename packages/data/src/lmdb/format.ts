/**
 * The file format of LMDB 0.9 (data version 1) on 64-bit little-endian machines. A file is an array of pages; pages 0
 * and 1 are meta pages, of which the one with the higher transaction number is in force.
 *
 * Page: number u64, pad u16, flags u16, lower u16, upper u16 (overflow pages: count u32 in their place); then an array
 * of u16 offsets of nodes, which fill the page from its end.
 * Node: low u16, high u16, flags u16, key size u16, key, data. Leaf: low and high are the data's size. Branch: low, high
 * and flags are the child's page number, and the first node's key is not used.
 */
export const pageHeaderSize = 16;
export const nodeHeaderSize = 8;
export const metaMagic = 0xbeefc0de;
export const dataVersion = 1;
export const maxKeySize = 511;
/** Page number of an empty tree's root: all ones. */
export const noPage = -1;
/** Deepest tree that liblmdb walks. */
export const maxDepth = 32;
export const defaultPageSize = 4096;

export const pageFlag = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08, leaf2: 0x20 } as const;
export const nodeFlag = { bigData: 0x01, subData: 0x02, dupData: 0x04 } as const;
/** Flags of a tree: the free list has integer keys. */
export const integerKey = 0x08;

/** Bytes of a node (header, key, data) above which the data go to overflow pages. */
export function largestNode(pageSize: number): number {
  return (Math.floor((pageSize - pageHeaderSize) / 2) & ~1) - 2;
}

/** Overflow pages that hold `size` bytes. */
export function overflowPages(size: number, pageSize: number): number {
  return Math.floor((pageHeaderSize - 1 + size) / pageSize) + 1;
}

export function readU64(bytes: Buffer, at: number): number {
  const low = bytes.readUInt32LE(at);
  const high = bytes.readUInt32LE(at + 4);
  return low === 0xffffffff && high === 0xffffffff ? noPage : high * 4294967296 + low;
}

export function writeU64(bytes: Buffer, value: number, at: number): void {
  if (value === noPage) {
    bytes.fill(0xff, at, at + 8);
    return;
  }
  bytes.writeUInt32LE(value % 4294967296, at);
  bytes.writeUInt32LE(Math.floor(value / 4294967296), at + 4);
}

/** A key as people read it: its text where it is printable, else hexadecimal digits. */
export function keyText(key: Uint8Array): string {
  const text = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  return /[\u0000-\u001f\u007f\ufffd]/.test(text) ? `0x${Buffer.from(key).toString('hex')}` : text;
}
