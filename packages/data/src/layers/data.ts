import { DataParameter } from '@jacinto/proto';
import { checkKind } from '../database/open.ts';
import { LevelDbFeed } from '../feed/leveldb-feed.ts';
import { ListFeed } from '../feed/list-feed.ts';
import { LmdbFeed } from '../feed/lmdb-feed.ts';
import type { RecordFeed, RecordRef } from '../feed/record-ref.ts';
import { FedLayer, type FedLayerOptions } from './fed-layer.ts';

/**
 * Reads Datum records of an LMDB or LevelDB in the order of their keys, again from the first behind the last (Caffe:
 * Data). top[0] N,C,H,W, top[1] (optional) labels N.
 *
 * `cache` with `shuffle` in TRAIN: every round after the first in a random order of its own (the places of all records
 * are then held in memory; LevelDB: the records). `cache` alone changes nothing: the system keeps files in memory.
 * `parser_threads` has no meaning here.
 */
export class DataLayer extends FedLayer<DataParameter> {
  static override readonly type = 'Data';
  static override readonly paramField = 'dataParam';

  protected checkedOptions(): FedLayerOptions {
    const { batchSize, source, threads, prefetch, randSkip } = this.param;
    if (threads < 0) throw this.fail('threads', `is ${threads}`, 'use 0 (as the machine allows) or more');
    return {
      batchSize: this.checkedBatchSize(batchSize),
      source: this.checkedSource(source, 'the database'),
      randSkip,
      threads,
      ahead: prefetch,
    };
  }

  protected async openFeed(source: string, seed: number): Promise<RecordFeed> {
    const isLmdb = this.param.backend === DataParameter.DB.LMDB;
    checkKind(source, isLmdb ? 'lmdb' : 'leveldb');
    const feed = isLmdb ? new LmdbFeed(source) : await LevelDbFeed.open(source);
    if (!this.param.shuffle || !this.param.cache || !this.isTrain()) return feed;
    try {
      const refs: RecordRef[] = [];
      while (refs.length < feed.count) refs.push(await feed.next());
      return new ListFeed(refs, 'second-round', seed, this.context.index);
    } finally {
      await feed.close();
    }
  }
}
