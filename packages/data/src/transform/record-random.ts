import { randomAt } from '@jacinto/core-tensor';

/**
 * The random numbers of one record: value i depends on seed, stream, record number and i only, so that results depend
 * neither on the number of threads nor on how far ahead they work, and a resumed run goes on exactly.
 */
export class RecordRandom {
  private readonly seed: number;
  private readonly stream: number;
  private readonly record: number;
  private next = 0;

  /** @param stream Tells apart users of one seed: the layer's index in its net. @param record Records used before. */
  constructor(seed: number, stream: number, record: number) {
    this.seed = seed;
    this.stream = stream;
    this.record = record;
  }

  /** A whole number 0 ≤ k < n; the preference for small ones is below n / 2³². */
  integer(n: number): number {
    return Math.floor((this.word() / 4294967296) * n);
  }

  /** low ≤ value < high. */
  uniform(low: number, high: number): number {
    return low + (high - low) * (this.word() / 4294967296);
  }

  /** 0 … n − 1 in random order. */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  }

  private word(): number {
    return randomAt(this.seed, this.stream, this.record, this.next++);
  }
}
