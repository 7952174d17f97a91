import { join } from 'node:path';
import { CaffeError } from '@jacinto/proto/errors';
import { expect, it } from 'vitest';
import { LmdbFeed } from '../feed/lmdb-feed.ts';
import type { RecordFeed } from '../feed/record-ref.ts';
import { countingDatums, makeDatabase } from '../testing/make-database.ts';
import { temporaryFolder } from '../testing/shared.ts';
import type { WorkerPool } from './worker-pool.ts';
import { WorkerSource } from './worker-source.ts';

const folder = temporaryFolder();
const database = makeDatabase(join(folder, 'db'), countingDatums(10));

async function source(feed?: RecordFeed) {
  const path = await database;
  const transform = {
    ...{ scale: 1, mirror: false, cropSize: 0, cropHeight: 0, cropWidth: 0, meanValues: [], train: true },
    colorMode: 'native' as const,
  };
  return new WorkerSource({
    ...{ feed: feed ?? new LmdbFeed(path), batchSize: 4, shape: [1, 1, 1], position: 0, threads: 2, ahead: 2 },
    settings: { source: path, transform, seed: 1, stream: 0 },
  });
}

async function labels(from: WorkerSource): Promise<number[]> {
  const batch = await from.next();
  const copy = [...batch.labels];
  batch.release();
  return copy;
}

it('keeps the order, however the threads finish', async () => {
  const batches = await source();
  const seen: number[] = [];
  for (let i = 0; i < 25; i++) seen.push(...(await labels(batches)));
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i % 10));
  await batches.dispose();
});

it('goes on after a fault of the feed, and never hangs', async () => {
  const feed = new LmdbFeed(await database);
  let count = 0;
  const faulty: RecordFeed = {
    count: 10,
    next: () => {
      if (count++ === 5) throw new CaffeError({ code: 'bad-file', problem: 'a damaged page' });
      return feed.next();
    },
    seek: () => {},
    close: () => feed.close(),
  };
  const batches = await source(faulty);
  expect(await labels(batches)).toEqual([0, 1, 2, 3]);
  await expect((async () => batches.next())()).rejects.toThrow('a damaged page');
  expect(await labels(batches)).toEqual([5, 6, 7, 8]);
  await batches.dispose();
});

it('says so where its threads end by themselves, each time it is asked', async () => {
  const batches = await source();
  await labels(batches);
  const { members } = (batches as unknown as { pool: WorkerPool }).pool as unknown as {
    members: { worker: { terminate(): Promise<number> } }[];
  };
  for (const { worker } of members) await worker.terminate();
  const failures: string[] = [];
  for (let i = 0; i < 6; i++) {
    await labels(batches).catch((error: Error) => failures.push(error.message));
  }
  expect(failures.length).toBeGreaterThan(2); // batches that were ready are still given
  expect(failures.at(-1)).toBe('reading data failed: a worker thread ended with code 1');
  await batches.dispose();
});
