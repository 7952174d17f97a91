import { CaffeError } from '@jacinto/proto/errors';
import type { RecordFeed, RecordRef } from '../feed/record-ref.ts';
import type { RecordShape } from '../transform/transform.ts';
import type { Batch, BatchSource } from './batch-source.ts';
import type { BatchTarget } from './fill-part.ts';
import type { LoaderSettings } from './record-loader.ts';
import type { PartReply } from './worker-messages.ts';
import { replyError, WorkerPool } from './worker-pool.ts';

export interface WorkerSourceOptions {
  feed: RecordFeed;
  settings: LoaderSettings;
  batchSize: number;
  shape: RecordShape;
  /** Records used before; the feed stands there. */
  position: number;
  threads: number;
  /** Batches made ahead. */
  ahead: number;
}

/** A batch in the making. */
interface Slot {
  target: BatchTarget;
  /** Parts not yet done. */
  missing: number;
  error?: unknown;
  other?: { shape: RecordShape; data: Float32Array };
}

/** Makes batches ahead on worker threads: a bounded queue of slots in shared memory, filled in order. */
export class WorkerSource implements BatchSource {
  private readonly options: WorkerSourceOptions;
  private readonly pool: WorkerPool;
  private readonly free: BatchTarget[];
  private readonly queue: Slot[] = [];
  private readonly parts = new Map<number, Slot>();
  private position: number;
  private nextId = 0;
  private filling = false;
  private waiting: (() => void) | undefined;
  private disposed = false;

  constructor(options: WorkerSourceOptions) {
    this.options = options;
    this.position = options.position;
    const { batchSize, shape, threads, ahead } = options;
    this.free = Array.from({ length: ahead + 1 }, () => sharedTarget(shape, batchSize));
    this.pool = new WorkerPool(Math.min(threads, batchSize), options.settings, (reply) => this.done(reply));
    this.fill();
  }

  next(): Batch | Promise<Batch> {
    this.pool.poll();
    const head = this.queue[0];
    if (head !== undefined && head.missing === 0) return this.taken();
    return this.wait();
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.waiting?.();
    await this.pool.dispose();
  }

  private async wait(): Promise<Batch> {
    this.pool.hold(true);
    try {
      while (this.queue[0] === undefined || this.queue[0].missing > 0) {
        if (this.disposed)
          throw new CaffeError({ code: 'internal', problem: 'was disposed of while it waited for data' });
        await new Promise<void>((resolve) => {
          this.waiting = resolve;
        });
      }
      return this.taken();
    } finally {
      this.waiting = undefined;
      this.pool.hold(false);
    }
  }

  private taken(): Batch {
    const { target, error, other } = this.queue.shift()!;
    if (error !== undefined) {
      this.free.push(target);
      this.fill();
      throw error;
    }
    const release = (): void => {
      this.free.push(target);
      this.fill();
    };
    const { labels } = target;
    return { shape: other?.shape ?? target.shape, data: other?.data ?? target.data, labels, release };
  }

  /** Starts as many batches as there are free slots. */
  private fill(): void {
    while (!this.filling && !this.disposed && this.free.length > 0) {
      const slot: Slot = { target: this.free.pop()!, missing: 1 };
      this.queue.push(slot);
      const refs: RecordRef[] = [];
      try {
        const pending = this.collect(refs);
        if (pending === undefined) {
          this.send(slot, refs);
          continue;
        }
        this.filling = true;
        pending.then(
          () => this.collected(slot, refs, undefined),
          (error: unknown) => this.collected(slot, refs, error),
        );
      } catch (error) {
        slot.error = error;
        slot.missing = 0;
      }
    }
  }

  /** Gathers a batch's records; at once where the feed needs no waiting. */
  private collect(refs: RecordRef[]): void | Promise<void> {
    const { batchSize, feed } = this.options;
    while (refs.length < batchSize) {
      const ref = feed.next();
      if (ref instanceof Promise) {
        return ref.then((value) => {
          refs.push(value);
          return this.collect(refs);
        });
      }
      refs.push(ref);
    }
  }

  private collected(slot: Slot, refs: RecordRef[], error: unknown): void {
    this.filling = false;
    if (this.disposed) return;
    if (error === undefined) {
      this.send(slot, refs);
    } else {
      slot.error = error;
      slot.missing = 0;
      this.waiting?.();
    }
    this.fill();
  }

  private send(slot: Slot, refs: RecordRef[]): void {
    const size = Math.ceil(refs.length / this.pool.size);
    slot.missing = Math.ceil(refs.length / size);
    for (let begin = 0; begin < refs.length; begin += size) {
      const id = this.nextId++;
      this.parts.set(id, slot);
      const part = { position: this.position + begin, begin, refs: refs.slice(begin, begin + size) };
      this.pool.post({ id, part, target: slot.target });
    }
    this.position += refs.length;
  }

  private done(reply: PartReply): void {
    const slot = this.parts.get(reply.id)!;
    this.parts.delete(reply.id);
    slot.error ??= replyError(reply);
    if (reply.other !== undefined) slot.other = reply.other;
    slot.missing--;
    if (slot.missing === 0) this.waiting?.();
  }
}

function sharedTarget(shape: RecordShape, batchSize: number): BatchTarget {
  const count = shape[0] * shape[1] * shape[2] * batchSize;
  const data = new Float32Array(new SharedArrayBuffer(4 * count));
  return { shape, data, labels: new Float32Array(new SharedArrayBuffer(4 * batchSize)) };
}
