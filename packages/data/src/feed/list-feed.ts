import { RecordRandom } from '../transform/record-random.ts';
import type { RecordFeed, RecordRef } from './record-ref.ts';

/** From which round on the order is random. */
export type ShuffleFrom = 'never' | 'first-round' | 'second-round';

/** Stream of the random orders, apart from those of the records' transforms. */
const shuffleStream = 0x80000000;

/** Records that are known beforehand; each round may have its own random order, drawn from (seed, stream, round). */
export class ListFeed implements RecordFeed {
  private readonly refs: readonly RecordRef[];
  private readonly shuffle: ShuffleFrom;
  private readonly seed: number;
  private readonly stream: number;
  private position = 0;
  private round = -1;
  private order: Uint32Array | undefined;

  constructor(refs: readonly RecordRef[], shuffle: ShuffleFrom, seed: number, stream: number) {
    this.refs = refs;
    this.shuffle = shuffle;
    this.seed = seed;
    this.stream = stream;
  }

  get count(): number {
    return this.refs.length;
  }

  next(): RecordRef {
    const round = Math.floor(this.position / this.count);
    const index = this.position++ % this.count;
    if (round !== this.round) {
      this.round = round;
      const shuffled = this.shuffle === 'first-round' || (this.shuffle === 'second-round' && round > 0);
      const random = new RecordRandom(this.seed, (this.stream + shuffleStream) >>> 0, round);
      this.order = shuffled ? random.permutation(this.count) : undefined;
    }
    return this.refs[this.order?.[index] ?? index]!;
  }

  seek(position: number): void {
    this.position = position;
  }

  close(): void {}
}
