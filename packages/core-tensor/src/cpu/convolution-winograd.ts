import type { ConvolutionSpec } from '../operations/index.ts';
import type { Values } from '../values.ts';
import { blockProducts, type WalkShape, wantedItems } from './convolution-walk.ts';
import { type Engine, elementGrain } from './engine.ts';
import { packedWeights } from './packed-weights.ts';
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

// Words of WinogradArguments and WinogradWeightArguments (assembly/winograd.ts), in order.
const convolveSlots = [
  ...geometrySlots,
  ...(['weights', 'bias', 'itemTiles', 'strips', 'parts', 'panels', 'weightStep', 'inputStep'] as const),
  ...(['productStep', 'relu', 'slope'] as const),
] as const;
const weightSlots = [
  ...(['plain', 'packed', 'panels', 'm', 'channels', 'groupStride', 'rowStride', 'channelStride'] as const),
  ...(['firstTap', 'tapStride', 'weightStep'] as const),
] as const;

const panelsAtOnce = 8;
/** Bytes of a strip's transformed input: what a usual second cache holds beside weights and products. */
const stripBytes = 600 * 1024;
/** Fewer channels spend more on transforming data than they save, fewer tiles more on transforming weights. */
const leastChannels = 8;
const leastPairs = 256;
const leastTiles = 16;
/** Transformed weights are four times as large; beyond this they cost more memory than a net should need for speed. */
const mostWeightBytes = 96 * 1024 * 1024;

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
  const { tiles } = tileGrid(batch, size);
  const [channels, m] = [source.channels, result.channels];
  if (places * 4 * group * channels * m > mostWeightBytes) return false;
  return Math.min(channels, m) >= leastChannels && channels * m >= leastPairs && tiles >= leastTiles;
}

/** A 3×3 convolution with stride 1: transforms the weights, then convolves (assembly/winograd.ts). */
export function winograd(engine: Engine, shape: WinogradShape) {
  const { batch, group, source, result, layout } = shape;
  const [channels, m] = [source.channels, result.channels];
  const { tiles } = tileGrid(batch, shape.resultSize);
  const blocks = Math.ceil(tiles / 8);
  // Two blocks at least, for a strip goes through all weights. Smaller strips where there would be too few for the
  // threads; then shares of the output channels.
  const fitting = Math.max(2, Math.floor(stripBytes / (places * 32 * channels)));
  const itemBlocks = Math.max(1, Math.min(fitting, Math.floor((blocks * group) / (wantedItems / 2))));
  const strips = Math.ceil(blocks / itemBlocks);
  const itemTiles = itemBlocks * 8;
  const panels = Math.ceil(m / 4);
  const parts = Math.max(1, Math.min(Math.ceil(wantedItems / 4 / (strips * group)), Math.floor(panels / 8)));

  const weightStep = 16 * panels * channels + gap;
  const inputStep = 32 * itemBlocks * channels + gap;
  const productStep = 16 * panelsAtOnce * itemTiles + gap;
  engine.reserveWorkspace({
    perThread: 512 + listBytes + linesBytes + itemTiles * 16 + places * (inputStep + productStep),
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
  const packed = packedWeights(engine, group * places * weightStep, (w, to) => {
    pack.address.plain = w.readAddress;
    pack.address.packed = to;
    pack.run();
  });

  const products = (itemTiles * places * channels * m) / parts;
  const grain = Math.max(1, Math.floor(blockProducts / products));
  const job = engine.job('winogradConvolve', convolveSlots, group * strips * parts, grain);
  const { address, i32 } = job;
  describeTiles(job, shape);
  i32.itemTiles = itemTiles;
  i32.strips = strips;
  i32.parts = parts;
  i32.panels = panels;
  address.weightStep = weightStep;
  address.inputStep = inputStep;
  address.productStep = productStep;
  return {
    run(x: Values, w: Values, bias: Values | undefined, y: Values, slope: number | undefined): void {
      address.x = x.address;
      address.y = y.address;
      address.weights = packed(w);
      address.bias = bias?.address ?? 0;
      i32.relu = slope === undefined ? 0 : 1;
      job.f32.slope = slope ?? 0;
      job.run();
    },
  };
}
