/** What a JPEG file's headers say, as far as the decoder for small pictures needs it. */
export interface JpegHeader {
  width: number;
  height: number;
  components: JpegComponent[];
  /** MCUs between restart markers; 0: none. */
  restartInterval: number;
  /** Offset of the entropy-coded bytes. */
  scanStart: number;
  hasExif: boolean;
}

export interface JpegComponent {
  /** Sampling factors. */
  horizontal: number;
  vertical: number;
  /** 64 divisors in the zigzag order of the file. */
  quantization: Uint16Array;
  dc: HuffmanSpec;
  ac: HuffmanSpec;
}

export interface HuffmanSpec {
  /** Codes of each length 1 … 16. */
  counts: Uint8Array;
  symbols: Uint8Array;
}

/**
 * Reads the headers of a sequential Huffman JPEG of 8 bits with one grey component or Y,Cb,Cr in one scan.
 * @returns undefined for every other file (progressive, arithmetic, RGB, CMYK, several scans) and for damaged headers.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const reader = new HeaderReader(bytes);
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? reader.read() : undefined;
}

class HeaderReader {
  private readonly bytes: Uint8Array;
  private readonly quantization: Uint16Array[] = [];
  private readonly huffman: { dc: HuffmanSpec[]; ac: HuffmanSpec[] } = { dc: [], ac: [] };
  private restartInterval = 0;
  private hasExif = false;
  private isJfif = false;
  private isAdobe = false;
  private frame: { at: number; width: number; height: number; count: number } | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(): JpegHeader | undefined {
    const { bytes } = this;
    for (let at = 2; at + 4 <= bytes.length; ) {
      if (bytes[at] !== 0xff) return undefined;
      const marker = bytes[at + 1]!;
      if (marker === 0xff) {
        at++; // fill byte
        continue;
      }
      const length = this.word(at + 2);
      const end = at + 2 + length;
      if (length < 2 || end > bytes.length) return undefined;
      if (marker === 0xda) return this.scan(at + 4, end);
      if (!this.segment(marker, at + 4, end)) return undefined;
      at = end;
    }
    return undefined;
  }

  /** False for what the decoder does not know. */
  private segment(marker: number, at: number, end: number): boolean {
    if (marker === 0xdb) return this.readQuantization(at, end);
    if (marker === 0xc4) return this.readHuffman(at, end);
    if (marker === 0xc0 || marker === 0xc1) return this.readFrame(at, end);
    if (marker === 0xdd) this.restartInterval = this.word(at);
    if (marker === 0xe0 && this.startsWith(at, 'JFIF')) this.isJfif = true;
    if (marker === 0xe1 && this.startsWith(at, 'Exif')) this.hasExif = true;
    if (marker === 0xee && this.startsWith(at, 'Adobe')) this.isAdobe = true;
    return (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe || marker === 0xdd;
  }

  private readQuantization(from: number, end: number): boolean {
    for (let at = from; at < end; ) {
      const wide = this.bytes[at]! >> 4 === 1;
      const table = new Uint16Array(64);
      const size = wide ? 128 : 64;
      if (at + 1 + size > end) return false;
      for (let i = 0; i < 64; i++) table[i] = wide ? this.word(at + 1 + 2 * i) : this.bytes[at + 1 + i]!;
      this.quantization[this.bytes[at]! & 15] = table;
      at += 1 + size;
    }
    return true;
  }

  private readHuffman(from: number, end: number): boolean {
    for (let at = from; at < end; ) {
      if (at + 17 > end) return false;
      const counts = this.bytes.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total > 256 || at + 17 + total > end) return false;
      const tables = this.bytes[at]! >> 4 === 0 ? this.huffman.dc : this.huffman.ac;
      tables[this.bytes[at]! & 15] = { counts, symbols: this.bytes.subarray(at + 17, at + 17 + total) };
      at += 17 + total;
    }
    return true;
  }

  private readFrame(at: number, end: number): boolean {
    const { bytes } = this;
    const count = bytes[at + 5]!;
    if (this.frame !== undefined || bytes[at] !== 8 || end - at < 6 + 3 * count) return false;
    this.frame = { at: at + 6, height: this.word(at + 1), width: this.word(at + 3), count };
    const isRgb = count === 3 && [0, 3, 6].map((i) => bytes[at + 6 + i]).join() === '82,71,66'; // named R, G, B
    return (count === 1 || count === 3) && this.frame.height > 0 && this.frame.width > 0 && (this.isJfif || !isRgb);
  }

  private scan(at: number, end: number): JpegHeader | undefined {
    const { bytes, frame } = this;
    // Adobe's marker may mean R,G,B; where JFIF's stands beside it libjpeg takes Y,Cb,Cr, here it is left to libjpeg.
    if (frame === undefined || this.isAdobe || bytes[at] !== frame.count || end - at !== 4 + 2 * frame.count)
      return undefined;
    const components: JpegComponent[] = [];
    for (let i = 0; i < frame.count; i++) {
      const inFrame = frame.at + 3 * i;
      const inScan = at + 1 + 2 * i;
      if (bytes[inFrame] !== bytes[inScan]) return undefined;
      const quantization = this.quantization[bytes[inFrame + 2]!];
      const dc = this.huffman.dc[bytes[inScan + 1]! >> 4];
      const ac = this.huffman.ac[bytes[inScan + 1]! & 15];
      if (quantization === undefined || dc === undefined || ac === undefined) return undefined;
      const sampling = bytes[inFrame + 1]!;
      components.push({ horizontal: sampling >> 4, vertical: sampling & 15, quantization, dc, ac });
    }
    const { width, height } = frame;
    const { restartInterval, hasExif } = this;
    return { width, height, components, restartInterval, scanStart: end, hasExif };
  }

  private word(at: number): number {
    return this.bytes[at]! * 256 + this.bytes[at + 1]!;
  }

  private startsWith(at: number, text: string): boolean {
    return [...text].every((letter, i) => this.bytes[at + i] === letter.charCodeAt(0));
  }
}
