/** A fault of the bytes at `offset`; `decode` words it with the file's name. */
export class WireFault extends Error {
  readonly offset: number;

  constructor(offset: number, problem: string) {
    super(problem);
    this.offset = offset;
  }
}

export const WIRE = { VARINT: 0, FIXED64: 1, BYTES: 2, GROUP: 3, END_GROUP: 4, FIXED32: 5 } as const;

const MAX_GROUP_DEPTH = 100;

/** Reads protobuf's wire format with exact bounds: every fault is a WireFault at the byte where it lies. */
export class WireReader {
  readonly bytes: Uint8Array;
  pos = 0;
  /** The low and high 32 bits of the varint read last. */
  low = 0;
  high = 0;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads a varint into `low` and `high`; returns `low` as an unsigned number. */
  varint(end: number): number {
    const { bytes } = this;
    const start = this.pos;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.pos >= end) throw new WireFault(start, 'the file ends inside a number');
      const byte = bytes[this.pos++]!;
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 0x80) {
        this.high = high >>> 0;
        this.low = low >>> 0;
        return this.low;
      }
    }
    throw new WireFault(start, 'a number runs over 10 bytes');
  }

  /** A length and the position where its bytes end. */
  lengthEnd(end: number): number {
    const start = this.pos;
    const length = this.varint(end) + this.high * 4294967296;
    if (length > end - this.pos) {
      const problem = `a field of ${length} bytes begins here, but only ${end - this.pos} bytes remain`;
      throw new WireFault(start, problem);
    }
    return this.pos + length;
  }

  /** The varint read last, as int64: a number where that is exact, else a bigint. */
  int64(): number | bigint {
    const value = (this.high | 0) * 4294967296 + this.low;
    if (Number.isSafeInteger(value)) return value;
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low));
  }

  float(end: number): number {
    this.need(4, end);
    const value = this.view.getFloat32(this.pos, true);
    this.pos += 4;
    return value;
  }

  double(end: number): number {
    this.need(8, end);
    const value = this.view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  need(count: number, end: number): void {
    if (end - this.pos < count) throw new WireFault(this.pos, 'the file ends inside a value');
  }

  /** Skips the value of a tag just read. */
  skip(wire: number, end: number): void {
    const open: number[] = [];
    let type = wire;
    let tagAt = this.pos;
    for (;;) {
      if (type === WIRE.VARINT) this.varint(end);
      else if (type === WIRE.BYTES) this.pos = this.lengthEnd(end);
      else if (type === WIRE.FIXED32 || type === WIRE.FIXED64) {
        const size = type === WIRE.FIXED32 ? 4 : 8;
        this.need(size, end);
        this.pos += size;
      } else if (type === WIRE.GROUP && open.length < MAX_GROUP_DEPTH) open.push(tagAt);
      else if (type === WIRE.END_GROUP && open.length > 0) open.pop();
      else throw new WireFault(tagAt, `wire type ${type} cannot stand here`);
      if (open.length === 0) return;
      tagAt = this.pos;
      type = this.varint(end) & 7;
    }
  }
}
