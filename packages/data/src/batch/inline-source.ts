import type { RecordFeed, RecordRef } from '../feed/record-ref.ts';
import type { RecordShape } from '../transform/transform.ts';
import type { Batch, BatchSource } from './batch-source.ts';
import { fillPart } from './fill-part.ts';
import { type LoaderSettings, RecordLoader } from './record-loader.ts';

/** Makes batches when they are asked for, on this thread: for small records, where handing them over would cost more. */
export class InlineSource implements BatchSource {
  private readonly feed: RecordFeed;
  private readonly loader: RecordLoader;
  private readonly batch: Batch;
  private position: number;

  /** @param position Records used before; the feed stands there. */
  constructor(feed: RecordFeed, settings: LoaderSettings, batchSize: number, shape: RecordShape, position: number) {
    this.feed = feed;
    this.loader = new RecordLoader(settings);
    this.position = position;
    const count = shape[0] * shape[1] * shape[2];
    this.batch = {
      shape,
      data: new Float32Array(batchSize * count),
      labels: new Float32Array(batchSize),
      release: () => {},
    };
  }

  next(): Batch | Promise<Batch> {
    const size = this.batch.labels.length;
    const refs: RecordRef[] = [];
    while (refs.length < size) {
      const ref = this.feed.next();
      if (ref instanceof Promise) return this.nextLater(refs, ref);
      refs.push(ref);
    }
    return this.filled(refs);
  }

  async dispose(): Promise<void> {
    this.loader.close();
  }

  private async nextLater(refs: RecordRef[], pending: Promise<RecordRef>): Promise<Batch> {
    refs.push(await pending);
    while (refs.length < this.batch.labels.length) refs.push(await this.feed.next());
    return this.filled(refs);
  }

  private filled(refs: RecordRef[]): Batch | Promise<Batch> {
    const part = { position: this.position, begin: 0, refs };
    this.position += refs.length;
    const pending = fillPart(this.loader, part, this.batch);
    return pending === undefined ? this.batch : pending.then(() => this.batch);
  }
}
