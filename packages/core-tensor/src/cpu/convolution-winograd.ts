import type { ConvolutionSpec } from '../operations/index.ts';
import type { Values } from '../values.ts';
import { blockProducts, type WalkShape, wantedItems } from './convolution-walk.ts';
import { type Engine, elementGrain } from './engine.ts';

// Words of WinogradArguments and WinogradWeightArguments (assembly/winograd.ts), in order.
const convolveSlots = [
  ...(['x', 'y', 'weights', 'bias', 'masks', 'tiles', 'itemTiles', 'strips', 'parts', 'tileRows'] as const),
  ...(['tileColumns', 'channels', 'm', 'panels', 'padTop', 'padLeft', 'xHeight', 'xRow', 'xImage', 'xGroup'] as const),
  ...(['xPlane', 'yHeight', 'yWidth', 'yRow', 'yImage', 'yGroup', 'yPlane', 'weightStep', 'inputStep'] as const),
  ...(['productStep', 'relu', 'slope'] as const),
] as const;
const weightSlots = [
  ...(['plain', 'packed', 'panels', 'm', 'channels', 'groupStride', 'rowStride', 'channelStride'] as const),
  ...(['firstTap', 'tapStride', 'weightStep'] as const),
] as const;

const places = 36;
const panelsAtOnce = 8;
/** Bytes of a strip's transformed input: what a usual second cache holds beside weights and products. */
const stripBytes = 600 * 1024;
/** A cache line between places, whose distance would else be a power of two: all would share a set of the cache. */
const gap = 64;

/** Fewer channels spend more on transforming data than they save, fewer tiles more on transforming weights. */
const leastChannels = 8;
const leastPairs = 256;
const leastTiles = 16;
/** Transformed weights are four times as large; beyond this they cost more memory than a net should need for speed. */
const mostWeightBytes = 96 * 1024 * 1024;

export interface WinogradShape extends WalkShape {
  /** Height and width. */
  sourceSize: readonly number[];
  resultSize: readonly number[];
  /** Zeros above and to the left of the source. */
  pad: readonly number[];
  /** Whether the taps are taken backwards, as for the gradient of x. */
  turned: boolean;
}

/** Whether Winograd's way can be taken, and was measured to be faster than the direct one. */
export function paysWinograd(
  spec: ConvolutionSpec,
  { batch, group, source, result }: WalkShape,
  size: readonly number[],
) {
  const { w, stride, pad, dilation } = spec;
  const is3x3 = w.shape.length === 4 && w.shape[2] === 3 && w.shape[3] === 3;
  const isPlain = [...stride, ...dilation].every((one) => one === 1) && pad.every((before) => before <= 2);
  if (!is3x3 || !isPlain) return false;
  const tiles = batch * Math.ceil(size[0]! / 4) * Math.ceil(size[1]! / 4);
  const [channels, m] = [source.channels, result.channels];
  if (places * 4 * group * channels * m > mostWeightBytes) return false;
  return Math.min(channels, m) >= leastChannels && channels * m >= leastPairs && tiles >= leastTiles;
}

/** A 3×3 convolution with stride 1: transforms the weights, then convolves (assembly/winograd.ts). */
export function winograd(engine: Engine, shape: WinogradShape) {
  const { batch, group, source, result, layout, sourceSize, resultSize, pad } = shape;
  const [channels, m] = [source.channels, result.channels];
  const [height, width] = sourceSize as [number, number];
  const [yHeight, yWidth] = resultSize as [number, number];
  const [padTop, padLeft] = pad as [number, number];
  const [tileRows, tileColumns] = [Math.ceil(yHeight / 4), Math.ceil(yWidth / 4)];
  const tiles = batch * tileRows * tileColumns;
  const blocks = Math.ceil(tiles / 8);
  // Smaller strips where there would be too few for the threads; then shares of the output channels.
  const fitting = Math.max(1, Math.floor(stripBytes / (places * 32 * channels)));
  const itemBlocks = Math.max(1, Math.min(fitting, Math.floor((blocks * group) / (wantedItems / 2))));
  const strips = Math.ceil(blocks / itemBlocks);
  const itemTiles = itemBlocks * 8;
  const panels = Math.ceil(m / 4);
  const parts = Math.max(1, Math.min(Math.ceil(wantedItems / 4 / (strips * group)), Math.floor(panels / 8)));

  const weightStep = 16 * panels * channels + gap;
  const inputStep = 32 * itemBlocks * channels + gap;
  const productStep = 16 * panelsAtOnce * itemTiles + gap;
  engine.reserveWorkspace({
    perThread: 1024 + itemTiles * (48 + 16) + places * (inputStep + productStep),
    shared: group * places * weightStep,
  });

  const pack = engine.job('winogradWeights', weightSlots, group * panels, Math.ceil(elementGrain / (144 * channels)));
  pack.i32.panels = panels;
  pack.i32.m = m;
  pack.i32.channels = channels;
  pack.address.groupStride = 4 * layout.group;
  pack.address.rowStride = 4 * layout.row;
  pack.address.channelStride = 4 * layout.channel;
  pack.address.firstTap = shape.turned ? 32 : 0;
  pack.i32.tapStride = shape.turned ? -4 : 4;
  pack.address.weightStep = weightStep;

  const products = (itemTiles * places * channels * m) / parts;
  const grain = Math.max(1, Math.floor(blockProducts / products));
  const job = engine.job('winogradConvolve', convolveSlots, group * strips * parts, grain);
  const masks = engine.table(tileMasks(tileColumns, 8, width, padLeft));
  const { address, i32 } = job;
  address.masks = masks.address;
  i32.tiles = tiles;
  i32.itemTiles = itemTiles;
  i32.strips = strips;
  i32.parts = parts;
  i32.tileRows = tileRows;
  i32.tileColumns = tileColumns;
  i32.channels = channels;
  i32.m = m;
  i32.panels = panels;
  i32.padTop = padTop;
  i32.padLeft = padLeft;
  i32.xHeight = height;
  address.xRow = 4 * width;
  address.xPlane = 4 * source.plane;
  address.xGroup = 4 * source.plane * channels;
  address.xImage = 4 * source.plane * channels * group;
  i32.yHeight = yHeight;
  i32.yWidth = yWidth;
  address.yRow = 4 * yWidth;
  address.yPlane = 4 * result.plane;
  address.yGroup = 4 * result.plane * m;
  address.yImage = 4 * result.plane * m * group;
  address.weightStep = weightStep;
  address.inputStep = inputStep;
  address.productStep = productStep;
  return {
    masks,
    run(x: Values, w: Values, bias: Values | undefined, y: Values, slope: number | undefined): void {
      const workspace = engine.sharedWorkspace();
      pack.address.plain = w.address;
      pack.address.packed = workspace;
      pack.run();
      address.x = x.address;
      address.y = y.address;
      address.weights = workspace;
      address.bias = bias?.address ?? 0;
      i32.relu = slope === undefined ? 0 : 1;
      job.f32.slope = slope ?? 0;
      job.run();
    },
  };
}

/** Per column of tiles `length` words, all ones where a value of a tile's row lies in the plane; then as many zeros. */
export function tileMasks(columns: number, length: number, width: number, padLeft: number): number[] {
  const inside = (at: number): number => (at >= 0 && at < width ? -1 : 0);
  const starts = Array.from({ length: columns }, (_, column) => 4 * column - padLeft);
  const masks = starts.flatMap((start) => Array.from({ length }, (_, i) => inside(start + i)));
  return [...masks, ...new Array<number>(length).fill(0)];
}
