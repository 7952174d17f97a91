import type { Values } from '../values.ts';
import { blockProducts, wantedItems } from './convolution-walk.ts';
import { tileMasks, type WinogradShape } from './convolution-winograd.ts';
import { type Engine, elementGrain } from './engine.ts';

// Words of WinogradGradientArguments (assembly/winograd-weights.ts), in order.
const slots = [
  ...(['x', 'dy', 'gradients', 'dw', 'xMasks', 'yMasks', 'tiles', 'stripTiles', 'chunkTiles', 'chunks'] as const),
  ...(['group', 'tileRows', 'tileColumns', 'channels', 'm', 'blockChannels', 'blockRows', 'channelBlocks'] as const),
  ...(['rowBlocks', 'padTop', 'padLeft', 'xHeight', 'xRow', 'xImage', 'xGroup', 'xPlane', 'yHeight', 'yRow'] as const),
  ...(['yImage', 'yGroup', 'yPlane', 'inputStep', 'resultStep', 'gradientStep', 'gradientRow'] as const),
  ...(['gradientGroup', 'chunkBytes', 'accumulate'] as const),
] as const;

const places = 36;
/** Keeps places from lying a power of two apart, where all would share a set of the cache. */
const gap = 64;
/** Tiles that are transformed, then multiplied; rows and channels of an item: a place's share stays in the first cache. */
const tilesAtOnce = 32;
const channelsAtOnce = 64;
const rowsAtOnce = 64;

/** Gradient of 3×3 weights with stride 1: partial sums a chunk of the tiles, then added up in order. */
export function winogradWeightGradients(engine: Engine, shape: WinogradShape) {
  const { batch, group, source, result, sourceSize, resultSize, pad } = shape;
  const [channels, m] = [source.channels, result.channels];
  const [height, width] = sourceSize as [number, number];
  const [yHeight, yWidth] = resultSize as [number, number];
  const [padTop, padLeft] = pad as [number, number];
  const [tileRows, tileColumns] = [Math.ceil(yHeight / 4), Math.ceil(yWidth / 4)];
  const tiles = batch * tileRows * tileColumns;
  const wholeChannels = Math.ceil(channels / 8) * 8;
  const wholeRows = Math.ceil(m / 4) * 4;
  const blockChannels = Math.min(channelsAtOnce, wholeChannels);
  const blockRows = Math.min(rowsAtOnce, wholeRows);
  const [channelBlocks, rowBlocks] = [Math.ceil(channels / blockChannels), Math.ceil(m / blockRows)];
  const tasks = group * channelBlocks * rowBlocks;
  const stripTiles = Math.min(tilesAtOnce, tiles);
  const wantedChunks = Math.min(Math.ceil(wantedItems / 2 / tasks), Math.ceil(tiles / stripTiles));
  const chunkTiles = Math.ceil(tiles / wantedChunks / stripTiles) * stripTiles;
  const chunks = Math.ceil(tiles / chunkTiles);

  const gradientRow = 4 * wholeChannels;
  const gradientStep = gradientRow * wholeRows + gap;
  const inputStep = 4 * stripTiles * blockChannels + gap;
  const resultStep = 4 * stripTiles * blockRows + gap;
  engine.reserveWorkspace({
    perThread: 1024 + 80 * stripTiles + places * (inputStep + resultStep),
    shared: chunks * group * places * gradientStep,
  });
  const products = chunkTiles * places * blockRows * blockChannels;
  const grain = Math.max(1, Math.floor(blockProducts / products));
  const job = engine.job('winogradGradients', slots, chunks * tasks, grain);
  const backGrain = Math.ceil(elementGrain / (places * channels * chunks));
  const back = engine.job('winogradGradientsBack', slots, group * m, backGrain);
  const masks = {
    x: engine.table(tileMasks(tileColumns, 8, width, padLeft)),
    y: engine.table(tileMasks(tileColumns, 4, yWidth, 0)),
  };
  for (const { address, i32 } of [job, back]) {
    address.xMasks = masks.x.address;
    address.yMasks = masks.y.address;
    i32.tiles = tiles;
    i32.stripTiles = stripTiles;
    i32.chunkTiles = chunkTiles;
    i32.chunks = chunks;
    i32.group = group;
    i32.tileRows = tileRows;
    i32.tileColumns = tileColumns;
    i32.channels = channels;
    i32.m = m;
    i32.blockChannels = blockChannels;
    i32.blockRows = blockRows;
    i32.channelBlocks = channelBlocks;
    i32.rowBlocks = rowBlocks;
    i32.padTop = padTop;
    i32.padLeft = padLeft;
    i32.xHeight = height;
    address.xRow = 4 * width;
    address.xPlane = 4 * source.plane;
    address.xGroup = 4 * source.plane * channels;
    address.xImage = 4 * source.plane * channels * group;
    i32.yHeight = yHeight;
    address.yRow = 4 * yWidth;
    address.yPlane = 4 * result.plane;
    address.yGroup = 4 * result.plane * m;
    address.yImage = 4 * result.plane * m * group;
    address.inputStep = inputStep;
    address.resultStep = resultStep;
    address.gradientStep = gradientStep;
    address.gradientRow = gradientRow;
    address.gradientGroup = places * gradientStep;
    address.chunkBytes = group * places * gradientStep;
  }
  return {
    masks,
    run(x: Values, dy: Values, dw: Values, accumulate: boolean): void {
      const workspace = engine.sharedWorkspace();
      job.address.gradients = workspace;
      job.address.x = x.address;
      job.address.dy = dy.address;
      job.run();
      back.address.gradients = workspace;
      back.address.dw = dw.address;
      back.i32.accumulate = accumulate ? 1 : 0;
      back.run();
    },
  };
}
