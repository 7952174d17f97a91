/** Payloads this long are passed on as chunks of their own, not copied. */
const OWN_CHUNK = 4096;
const FIRST_BLOCK = 256;
const LARGEST_BLOCK = 65536;

/**
 * Writes a message from its last byte to its first, so that a nested message's length is known when its prefix is
 * written: one pass, and no copy of large payloads.
 */
export class BackwardWriter {
  /** Bytes written so far. */
  length = 0;
  private block = new Uint8Array(FIRST_BLOCK);
  private view = new DataView(this.block.buffer);
  private at = FIRST_BLOCK;
  private used = FIRST_BLOCK;
  private readonly later: Uint8Array[] = [];

  /** Puts a varint of a number in −2^63 … 2^64 − 1 (exact integers only) or a bigint. */
  varint(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < 128) {
      this.room(1);
      this.block[--this.at] = value;
      this.length++;
      return;
    }
    if (typeof value === 'number' && value >= 0 && value < 0x200000) {
      this.smallVarint(value);
      return;
    }
    const bits = BigInt.asUintN(64, BigInt(value));
    let low = Number(bits & 0xfffffffn);
    let middle = Number((bits >> 28n) & 0xfffffffn);
    let high = Number(bits >> 56n);
    const digits: number[] = [];
    do {
      digits.push(low & 0x7f);
      low = (low >>> 7) | ((middle & 0x7f) << 21);
      middle = (middle >>> 7) | ((high & 0x7f) << 21);
      high >>>= 7;
    } while (low !== 0 || middle !== 0 || high !== 0);
    this.room(digits.length);
    for (let i = digits.length - 1; i >= 0; i--) {
      this.block[--this.at] = digits[i]! | (i === digits.length - 1 ? 0 : 0x80);
    }
    this.length += digits.length;
  }

  /** 128 … 2^21 − 1: lengths, tags and dims, two or three bytes. */
  private smallVarint(value: number): void {
    this.room(3);
    const count = value < 0x4000 ? 2 : 3;
    const at = this.at - count;
    const { block } = this;
    block[at] = (value & 0x7f) | 0x80;
    if (count === 2) block[at + 1] = value >>> 7;
    else {
      block[at + 1] = ((value >>> 7) & 0x7f) | 0x80;
      block[at + 2] = value >>> 14;
    }
    this.at = at;
    this.length += count;
  }

  float(value: number): void {
    this.room(4);
    this.at -= 4;
    this.view.setFloat32(this.at, value, true);
    this.length += 4;
  }

  double(value: number): void {
    this.room(8);
    this.at -= 8;
    this.view.setFloat64(this.at, value, true);
    this.length += 8;
  }

  bytes(bytes: Uint8Array): void {
    this.length += bytes.length;
    if (bytes.length >= OWN_CHUNK) {
      this.flush();
      this.later.push(bytes);
      return;
    }
    this.room(bytes.length);
    this.at -= bytes.length;
    this.block.set(bytes, this.at);
  }

  /** What was written, first byte first, in chunks. */
  chunks(): Uint8Array[] {
    this.flush();
    return this.later.slice().reverse();
  }

  private room(count: number): void {
    if (this.at >= count) return;
    this.flush();
    const size = Math.max(count, Math.min(LARGEST_BLOCK, this.block.length * 2));
    this.block = new Uint8Array(size);
    this.view = new DataView(this.block.buffer);
    this.at = this.used = size;
  }

  private flush(): void {
    if (this.at < this.used) this.later.push(this.block.subarray(this.at, this.used));
    this.used = this.at;
  }
}

/** The chunks in one array. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
