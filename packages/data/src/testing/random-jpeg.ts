import type { RandomStream } from '@jacinto/core-tensor';

/** A JPEG of random coefficients, for what no encoder at hand writes. */
export interface RandomJpegOptions {
  width: number;
  height: number;
  /** Horizontal and vertical factors of each component: ['22', '11', '11'] is 4:2:0. */
  factors: readonly string[];
  /** MCUs between restart markers; 0: none. */
  restartInterval?: number;
  /** Largest number of bits of a coefficient (1 to 10) and of a difference of DC (1 to 11). */
  bits?: number;
  /** Coefficients a block that are not zero, at most. */
  density?: number;
  divisor?: number;
}

// Codes of 2 to 16 bits, so that every way of decoding one is used.
const acCounts = [0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 10, 10, 0, 0, 0, 229];
const acFirst = [0x00, 0x01, 0x02, 0x11, 0x03, 0xf0, 0x21, 0x04, 0x12, 0x05];
const acSymbols = [...acFirst, ...Array.from({ length: 256 }, (_, i) => i).filter((i) => !acFirst.includes(i))];
const dcCounts = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0, 0, 0, 0];
const dcSymbols = [2, 3, 1, 0, 4, 5, 6, 7, 8, 9, 10, 11];

export function randomJpeg(random: RandomStream, options: RandomJpegOptions): Buffer {
  const { width, height, factors, restartInterval = 0, divisor = 2 } = options;
  const isGrey = factors.length === 1;
  const sampling = factors.map((text) => [Number(text[0]), Number(text[1])] as const);
  const across = isGrey ? 1 : Math.max(...sampling.map(([h]) => h));
  const down = isGrey ? 1 : Math.max(...sampling.map(([, v]) => v));
  const mcus = Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down));
  const head = [
    ...[0xff, 0xd8, ...segment(0xdb, [0, ...new Array<number>(64).fill(divisor)])],
    ...segment(0xc0, [8, ...word(height), ...word(width), factors.length, ...sampling.flatMap(frameComponent)]),
    ...segment(0xc4, [0x00, ...dcCounts, ...dcSymbols]),
    ...segment(0xc4, [0x10, ...acCounts, ...acSymbols]),
    ...(restartInterval > 0 ? segment(0xdd, word(restartInterval)) : []),
    ...segment(0xda, [factors.length, ...factors.flatMap((_, i) => [i + 1, 0]), 0, 63, 0]),
  ];
  const writer = new BlockWriter(random, options);
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0)
      writer.marker(0xd0 + ((mcu / restartInterval - 1) & 7));
    for (const [h, v] of sampling) for (let i = 0; i < (isGrey ? 1 : h * v); i++) writer.block();
  }
  writer.marker(0xd9);
  return Buffer.from([...head, ...writer.bytes]);
}

const word = (value: number): number[] => [value >> 8, value & 255];
const segment = (marker: number, body: number[]): number[] => [0xff, marker, ...word(body.length + 2), ...body];
const frameComponent = ([h, v]: readonly [number, number], i: number): number[] => [i + 1, (h << 4) | v, 0];

class BlockWriter {
  readonly bytes: number[] = [];
  private readonly random: RandomStream;
  private readonly options: RandomJpegOptions;
  private readonly dc = codes(dcCounts, dcSymbols);
  private readonly ac = codes(acCounts, acSymbols);
  private held = '';

  constructor(random: RandomStream, options: RandomJpegOptions) {
    this.random = random;
    this.options = options;
  }

  block(): void {
    const { bits = 6, density = 12 } = this.options;
    const size = this.random.integer(Math.min(bits, 11) + 1);
    this.put(this.dc.get(size)! + this.number(size));
    let left = this.random.integer(density + 1);
    let k = 1;
    for (; left > 0 && k < 64; left--) {
      let run = this.random.integer(this.random.integer(8) === 0 ? 40 : 4);
      if (k + run > 63) break;
      k += run + 1;
      for (; run > 15; run -= 16) this.put(this.ac.get(0xf0)!);
      const length = 1 + this.random.integer(Math.min(bits, 10));
      this.put(this.ac.get((run << 4) | length)! + this.number(length));
    }
    if (k < 64) this.put(this.ac.get(0)!);
  }

  /** Fills the last byte and writes a marker. */
  marker(marker: number): void {
    if (this.held !== '') this.put('1'.repeat(8 - this.held.length));
    this.bytes.push(0xff, marker);
  }

  /** A random number of so many bits, as text. */
  private number(length: number): string {
    return length === 0
      ? ''
      : this.random
          .integer(2 ** length)
          .toString(2)
          .padStart(length, '0');
  }

  private put(bits: string): void {
    this.held += bits;
    for (; this.held.length >= 8; this.held = this.held.slice(8)) {
      const byte = Number.parseInt(this.held.slice(0, 8), 2);
      this.bytes.push(byte);
      if (byte === 0xff) this.bytes.push(0);
    }
  }
}

function codes(counts: readonly number[], symbols: readonly number[]): Map<number, string> {
  const result = new Map<number, string>();
  let code = 0;
  let index = 0;
  for (const [i, count] of counts.entries()) {
    for (let j = 0; j < count; j++) result.set(symbols[index++]!, (code++).toString(2).padStart(i + 1, '0'));
    code *= 2;
  }
  return result;
}
