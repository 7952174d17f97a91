import type { HuffmanSpec } from './header.ts';

const lookBits = 9;

/** A Huffman table ready for decoding. */
export interface HuffmanTable {
  /** For the next 9 bits: length·256 + symbol, or 0 where the code is longer. */
  look: Uint16Array;
  /** Largest code of each length, −1 where there is none; of length 17: larger than all. */
  maxCode: Int32Array;
  /** Symbol index less code, for each length. */
  offset: Int32Array;
  symbols: Uint8Array;
}

/** @returns undefined where the code lengths make no prefix code. */
export function huffmanTable({ counts, symbols }: HuffmanSpec): HuffmanTable | undefined {
  const look = new Uint16Array(1 << lookBits);
  const maxCode = new Int32Array(18).fill(-1);
  const offset = new Int32Array(18);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1]!;
    if (code + count > 1 << length) return undefined;
    offset[length] = index - code;
    for (let i = 0; i < count; i++, code++, index++) {
      if (length > lookBits) continue;
      const first = code << (lookBits - length);
      look.fill(length * 256 + symbols[index]!, first, first + (1 << (lookBits - length)));
    }
    if (count > 0) maxCode[length] = code - 1;
    code <<= 1;
  }
  maxCode[17] = 0xfffff;
  return { look, maxCode, offset, symbols };
}

const naturalOrder = Uint8Array.of(
  ...[
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28,
  ],
  ...[
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
    55, 62, 63,
  ],
);

/** Thrown, and caught by the decoder, where the data are not as they should be. */
export const damaged = Symbol('damaged JPEG data');

/** Reads the entropy-coded bytes of a scan. */
export class EntropyReader {
  private readonly bytes: Uint8Array;
  private at: number;
  private bits = 0;
  private count = 0;
  /** Zero bits put in behind the last byte; reading one of them means that the data are cut short. */
  private padding = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /**
   * Reads a block's 64 coefficients, multiplied by the quantization table, into `block` in natural order.
   * @param predicted The component's last DC value. @returns The new one.
   */
  block(block: Int32Array, dc: HuffmanTable, ac: HuffmanTable, quantization: Uint16Array, predicted: number): number {
    block.fill(0);
    const size = this.symbol(dc);
    if (size > 15) throw damaged;
    const value = predicted + (size === 0 ? 0 : this.extended(size));
    block[0] = value * quantization[0]!;
    for (let k = 1; k < 64; k++) {
      const symbol = this.symbol(ac);
      const length = symbol & 15;
      const run = symbol >> 4;
      if (length === 0) {
        if (run !== 15) break;
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw damaged;
      block[naturalOrder[k]!] = this.extended(length) * quantization[k]!;
    }
    return value;
  }

  /** Passes over restart marker `number` (0 to 7). */
  restart(number: number): void {
    this.bits = 0;
    this.count = 0;
    this.padding = 0;
    if (this.bytes[this.at] !== 0xff || this.bytes[this.at + 1] !== 0xd0 + number) throw damaged;
    this.at += 2;
  }

  private symbol({ look, maxCode, offset, symbols }: HuffmanTable): number {
    if (this.count < 16) this.fill();
    const found = look[(this.bits >>> (this.count - lookBits)) & ((1 << lookBits) - 1)]!;
    if (found !== 0) {
      this.take(found >> 8);
      return found & 255;
    }
    let length = lookBits + 1;
    let code = (this.bits >>> (this.count - length)) & ((1 << length) - 1);
    while (length <= 16 && code > maxCode[length]!) {
      length++;
      code = (this.bits >>> (this.count - length)) & ((1 << length) - 1);
    }
    if (length > 16) throw damaged;
    this.take(length);
    return symbols[code + offset[length]!]!;
  }

  /** A signed number of `length` bits. */
  private extended(length: number): number {
    if (this.count < length) this.fill();
    const value = (this.bits >>> (this.count - length)) & ((1 << length) - 1);
    this.take(length);
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  private take(length: number): void {
    this.count -= length;
    if (this.count < this.padding) throw damaged;
  }

  /** Brings the number of bits at hand to 17 at least (25 at most). */
  private fill(): void {
    const { bytes } = this;
    while (this.count <= 16) {
      let byte = 0;
      const next = bytes[this.at];
      if (next === undefined || (next === 0xff && bytes[this.at + 1] !== 0)) {
        this.padding += 8;
      } else {
        byte = next;
        this.at += next === 0xff ? 2 : 1;
      }
      this.bits = (this.bits << 8) | byte;
      this.count += 8;
    }
  }
}
