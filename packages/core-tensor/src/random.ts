/**
 * Random numbers from a counter (Philox-4x32-10; Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"):
 * value i of draw `draw` of stream `stream` depends on these and the seed only, so that threads, vector widths and
 * machines agree bit for bit.
 */

const multiplierA = 0xd2511f53;
const multiplierB = 0xcd9e8d57;
const weylA = 0x9e3779b9;
const weylB = 0xbb67ae85;
const two32 = 4294967296;

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** One Philox block: four counter words and two key words give four random words (written to `out`). */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let [a, b, c, d] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const nextA = (mulHigh(multiplierB, c) ^ b ^ k0) >>> 0;
    const nextC = (mulHigh(multiplierA, a) ^ d ^ k1) >>> 0;
    b = Math.imul(multiplierB, c) >>> 0;
    d = Math.imul(multiplierA, a) >>> 0;
    a = nextA;
    c = nextC;
    k0 = (k0 + weylA) >>> 0;
    k1 = (k1 + weylB) >>> 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** Lower and upper 32 bits of a whole number up to ±2⁵³ (two's complement). */
export function words(value: number): [low: number, high: number] {
  return [value >>> 0, Math.floor(value / two32) >>> 0];
}

const block = new Uint32Array(4);

/**
 * Random word i (0 ≤ i < 2³⁴) of a draw: word i mod 4 of the Philox block with counter
 * (⌊i/4⌋, draw low, stream, draw high) and key (seed low, seed high). Seed and draw are whole numbers up to ±2⁵³.
 */
export function randomAt(seed: number, stream: number, draw: number, i: number): number {
  const [drawLow, drawHigh] = words(draw);
  const [seedLow, seedHigh] = words(seed);
  philox(Math.floor(i / 4), drawLow, stream, drawHigh, seedLow, seedHigh, block);
  return block[i & 3]!;
}

/** Dropout keeps value i where its random word is at least this: ⌊ratio·2³²⌋. */
export function dropoutThreshold(ratio: number): number {
  return Math.min(two32 - 1, Math.floor(ratio * two32));
}

/** All a stream needs to go on where it was. */
export interface RandomState {
  seed: number;
  stream: number;
  position: number;
}

/** Random numbers one after the other on the host: fillers, shuffles, transforms. Same seed and stream, same numbers. */
export class RandomStream {
  private readonly seed: number;
  private readonly stream: number;
  private position: number;
  private readonly words = new Uint32Array(4);
  private blockHeld = -1;

  /** @param stream Tells apart streams of one seed; draws numbered 0 … 2³²−1 by operations do not overlap with them. */
  constructor(seed: number, stream = 0) {
    this.seed = seed;
    this.stream = stream;
    this.position = 0;
  }

  static restore(state: RandomState): RandomStream {
    const stream = new RandomStream(state.seed, state.stream);
    stream.position = state.position;
    return stream;
  }

  save(): RandomState {
    return { seed: this.seed, stream: this.stream, position: this.position };
  }

  /** A whole number, 0 ≤ u < 2³². */
  word(): number {
    const index = Math.floor(this.position / 4);
    if (index !== this.blockHeld) {
      const [low, high] = words(index);
      const [seedLow, seedHigh] = words(this.seed);
      // The last counter word (an operation's draw above 2³²) is never all ones there.
      philox(low, high, this.stream, 0xffffffff, seedLow, seedHigh, this.words);
      this.blockHeld = index;
    }
    return this.words[this.position++ & 3]!;
  }

  /** low ≤ value < high, 53 random bits. */
  uniform(low = 0, high = 1): number {
    const unit = (this.word() * 2097152 + (this.word() >>> 11)) / 2 ** 53;
    return low + (high - low) * unit;
  }

  /** Normal distribution (Box–Muller; the second value of a pair is dropped, so that the state stays one number). */
  gaussian(mean = 0, std = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + std * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A whole number 0 ≤ k < n, each equally likely; 1 ≤ n ≤ 2³². */
  integer(n: number): number {
    const limit = two32 - (two32 % n); // words beyond it would favour small numbers
    let word = this.word();
    while (word >= limit) word = this.word();
    return word % n;
  }

  /** True with probability p. */
  bernoulli(p: number): boolean {
    return this.uniform() < p;
  }

  /** Puts the items in random order, in place (Fisher–Yates). */
  shuffle<T>(items: T[] | { length: number; [index: number]: T }): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i] as T;
      items[i] = items[j] as T;
      items[j] = held;
    }
  }
}
