import type { Values } from '../values.ts';
import { blockProducts, wantedItems } from './convolution-walk.ts';
import { type Engine, elementGrain } from './engine.ts';
import {
  describeTiles,
  gap,
  geometrySlots,
  linesBytes,
  listBytes,
  places,
  tileGrid,
  type WinogradShape,
} from './winograd-geometry.ts';

// Words of WinogradGradientArguments (assembly/winograd-weights.ts), in order.
const slots = [
  ...geometrySlots,
  ...([
    'gradients',
    'dw',
    'rowSums',
    'db',
    'stripTiles',
    'chunkTiles',
    'chunks',
    'blockChannels',
    'blockRows',
    'channelBlocks',
  ] as const),
  ...(['rowBlocks', 'inputStep', 'resultStep', 'gradientStep', 'gradientRow', 'gradientGroup', 'chunkBytes'] as const),
  'accumulate',
] as const;

/** Tiles that are transformed, then multiplied; channels and rows of an item: a place's share stays in the first cache. */
const tilesAtOnce = 32;
const channelsAtOnce = 64;
const rowsAtOnce = 128;
const secondCacheBytes = 2 * 1024 * 1024;

/** Gradient of 3×3 weights with stride 1, and of biases: partial sums a chunk of the tiles, then added up in order. */
export function winogradWeightGradients(engine: Engine, shape: WinogradShape) {
  const { batch, group, source, result } = shape;
  const [channels, m] = [source.channels, result.channels];
  const { tiles } = tileGrid(batch, shape.resultSize);
  const wholeChannels = Math.ceil(channels / 8) * 8;
  const wholeRows = Math.ceil(m / 4) * 4;
  const blockChannels = Math.min(channelsAtOnce, wholeChannels);
  const blockRows = Math.min(rowsAtOnce, wholeRows);
  const [channelBlocks, rowBlocks] = [Math.ceil(channels / blockChannels), Math.ceil(m / blockRows)];
  const tasks = group * channelBlocks * rowBlocks;
  const stripTiles = Math.min(tilesAtOnce, tiles);
  const gradientRow = 4 * wholeChannels;
  const gradientStep = gradientRow * wholeRows + gap;
  const chunkBytes = group * places * gradientStep;
  // Each chunk's sums are gone through once more: fewer where they do not fit the second cache.
  const items = chunkBytes > secondCacheBytes ? wantedItems / 4 : wantedItems / 2;
  const wantedChunks = Math.min(Math.ceil(items / tasks), Math.ceil(tiles / stripTiles));
  const chunkTiles = Math.ceil(tiles / wantedChunks / stripTiles) * stripTiles;
  const chunks = Math.ceil(tiles / chunkTiles);

  const inputStep = 4 * stripTiles * blockChannels + gap;
  const resultStep = 4 * stripTiles * blockRows + gap;
  engine.reserveWorkspace({
    perThread: listBytes + 4 * linesBytes + places * (inputStep + resultStep) + 16 * blockRows,
    shared: chunks * (chunkBytes + 4 * group * m),
  });
  const products = chunkTiles * places * blockRows * blockChannels;
  const grain = Math.max(1, Math.floor(blockProducts / products));
  const job = engine.job('winogradGradients', slots, chunks * tasks, grain);
  const backGrain = Math.ceil(elementGrain / (places * channels * chunks));
  const back = engine.job('winogradGradientsBack', slots, group * m, backGrain);
  for (const { address, i32 } of [job, back]) {
    i32.stripTiles = stripTiles;
    i32.chunkTiles = chunkTiles;
    i32.chunks = chunks;
    i32.blockChannels = blockChannels;
    i32.blockRows = blockRows;
    i32.channelBlocks = channelBlocks;
    i32.rowBlocks = rowBlocks;
    address.inputStep = inputStep;
    address.resultStep = resultStep;
    address.gradientStep = gradientStep;
    address.gradientRow = gradientRow;
    address.gradientGroup = places * gradientStep;
    address.chunkBytes = chunkBytes;
  }
  describeTiles(job, shape);
  describeTiles(back, shape);
  return {
    /** Where `db` is given, it gets the sums of dy. */
    run(x: Values, dy: Values, dw: Values, db: Values | undefined, accumulate: boolean): void {
      const workspace = engine.sharedWorkspace();
      job.address.gradients = workspace;
      job.address.rowSums = workspace + chunks * chunkBytes;
      job.address.x = x.address;
      job.address.y = dy.address;
      job.run();
      back.address.gradients = workspace;
      back.address.rowSums = workspace + chunks * chunkBytes;
      back.address.db = db?.address ?? 0;
      back.address.dw = dw.address;
      back.i32.accumulate = accumulate ? 1 : 0;
      back.run();
    },
  };
}
