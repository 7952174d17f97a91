import { availableParallelism } from 'node:os';
import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer, type LayerState } from '@jacinto/net';
import { create, has, Phase, type TransformationParameter } from '@jacinto/proto';
import { readBlobFile } from '@jacinto/proto/node';
import type { Batch, BatchSource } from '../batch/batch-source.ts';
import { InlineSource } from '../batch/inline-source.ts';
import { type ImageSettings, type LoaderSettings, RecordLoader } from '../batch/record-loader.ts';
import { WorkerSource } from '../batch/worker-source.ts';
import type { RecordFeed } from '../feed/record-ref.ts';
import { RecordRandom } from '../transform/record-random.ts';
import { transformSettings } from '../transform/settings.ts';
import type { RecordShape } from '../transform/transform.ts';

/** Values of a batch up to which it is made on the spot: about a millisecond of work. */
const inlineValues = 1 << 19;
/** Bytes that the batches made ahead may take together. */
const aheadBytes = 2 ** 30;
/** Stream of the draw of rand_skip, apart from those of records and shuffles. */
const skipStream = 0xc0000000;

/** What a layer with a feed needs to know of its own parameters. */
export interface FedLayerOptions {
  source: string;
  batchSize: number;
  randSkip: number;
  /** Worker threads; 0: as the machine allows. */
  threads: number;
  /** Batches made ahead; 0: two. */
  ahead: number;
  image?: ImageSettings;
}

/**
 * A layer that reads records without end: top[0] N,C,H,W, top[1] labels N. What it makes depends on the records, the
 * seed and the number of records used before, not on threads; `saveState` is that number.
 */
export abstract class FedLayer<Param> extends Layer<Param> {
  private options!: FedLayerOptions;
  private feed: RecordFeed | undefined;
  private shape: RecordShape = [0, 0, 0];
  private hasPictures = false;
  private source: BatchSource | undefined;
  private records = 0;
  private disposed = false;

  /** Checks the layer's own parameters. */
  protected abstract checkedOptions(): FedLayerOptions;

  protected abstract openFeed(source: string, seed: number): RecordFeed | Promise<RecordFeed>;

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { min: 1, max: 2 };
  }

  override async setUp(): Promise<void> {
    this.options = this.checkedOptions();
    const feed = await this.openFeed(this.options.source, this.seed());
    this.feed = feed;
    await feed.seek(this.skip());
    const loader = new RecordLoader(this.loaderSettings());
    try {
      const { shape, isPicture } = await loader.load(await feed.next(), 0);
      this.shape = shape;
      this.hasPictures = isPicture;
    } finally {
      loader.close();
    }
  }

  override reshape(_bottom: readonly Tensor[], [data, label]: readonly Tensor[]): void {
    const { batchSize } = this.options;
    data!.reshape([batchSize, ...this.shape]);
    label?.reshape([batchSize]);
  }

  override forward(_bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    if (this.source === undefined) return this.startThenForward(top);
    const batch = this.source.next();
    if (batch instanceof Promise) return batch.then((ready) => this.deliver(ready, top));
    this.deliver(batch, top);
  }

  override backward(): void {}

  /** Records of one round and of a batch: what a solver counts epochs by. Undefined before `setUp`. */
  get epoch(): { records: number; batch: number } | undefined {
    return this.feed === undefined ? undefined : { records: this.feed.count, batch: this.options.batchSize };
  }

  override saveState(): LayerState {
    return { records: this.records };
  }

  override restoreState({ records }: LayerState): void {
    this.records = Number(records);
    const old = this.source;
    this.source = undefined;
    void old?.dispose();
  }

  override async dispose(): Promise<void> {
    this.disposed = true;
    await this.source?.dispose();
    await this.feed?.close();
    this.source = undefined;
    this.feed = undefined;
  }

  /** transform_param with the schema's defaults. */
  protected transformParam(): TransformationParameter {
    return has(this.layerParam, 'transformParam') ? this.layerParam.transformParam! : create('TransformationParameter');
  }

  protected isTrain(): boolean {
    return this.context.phase === Phase.TRAIN;
  }

  /** Checks a batch size. @throws CaffeError 'bad-value'. */
  protected checkedBatchSize(batchSize: number | undefined): number {
    if (batchSize === undefined || batchSize < 1) {
      throw this.fail('batch_size', batchSize === undefined ? 'is missing' : `is ${batchSize}`, 'use 1 or more');
    }
    return batchSize;
  }

  /** The path of `source`. @throws CaffeError 'bad-value' where it is missing. */
  protected checkedSource(source: string | undefined, what: string): string {
    if (source === undefined || source === '') throw this.fail('source', 'is missing', `give the path of ${what}`);
    return this.context.resolvePath(source);
  }

  private seed(): number {
    const { randomSeed } = this.transformParam();
    return randomSeed >= 0 ? randomSeed : this.context.seed;
  }

  private skip(): number {
    const { randSkip } = this.options;
    if (randSkip <= 0) return 0;
    return new RecordRandom(this.seed(), (this.context.index + skipStream) >>> 0, 0).integer(randSkip);
  }

  private loaderSettings(): LoaderSettings {
    const { source, image } = this.options;
    const transform = transformSettings(this.transformParam(), this.isTrain(), (path) =>
      readBlobFile(this.context.resolvePath(path)),
    );
    return { source, transform, image, seed: this.seed(), stream: this.context.index };
  }

  private async startThenForward(top: readonly Tensor[]): Promise<void> {
    const feed = this.feed!;
    await feed.seek(this.skip() + this.records);
    if (this.disposed) return;
    this.source = this.start(feed);
    this.deliver(await this.source.next(), top);
  }

  private start(feed: RecordFeed): BatchSource {
    const { batchSize, threads, ahead } = this.options;
    const { shape, records: position } = this;
    const settings = this.loaderSettings();
    const values = batchSize * shape[0] * shape[1] * shape[2];
    if (!this.hasPictures && values <= inlineValues)
      return new InlineSource(feed, settings, batchSize, shape, position);
    const cores = availableParallelism();
    return new WorkerSource({
      feed,
      settings,
      batchSize,
      shape,
      position,
      threads: threads > 0 ? Math.min(threads, cores) : Math.max(1, Math.min(4, cores - 1)),
      ahead: ahead > 0 ? ahead : 12 * values > aheadBytes ? 1 : 2,
    });
  }

  private deliver({ shape, data, labels, release }: Batch, [top, label]: readonly Tensor[]): void {
    if (!top!.hasShape([labels.length, ...shape])) top!.reshape([labels.length, ...shape]);
    top!.data.hostWrite().set(data);
    label?.data.hostWrite().set(labels);
    this.records += labels.length;
    release();
  }
}
