import type { Values } from '../values.ts';
import { type Axis, type Plan, planWalk } from './convolution-plan.ts';
import { type Engine, elementGrain, type Job } from './engine.ts';
import { packedWeights } from './packed-weights.ts';

// Words of ConvolutionArguments (assembly/convolution-input.ts), in order.
export const walkSlots = [
  ...(['x', 'y', 'weights', 'bias', 'rows', 'segments', 'offsets', 'vectors', 'batch', 'strips', 'parts'] as const),
  ...(['channels', 'blockChannels', 'taps', 'm', 'panels', 'xImage', 'xGroup', 'xPlane'] as const),
  ...(['yImage', 'yGroup', 'yPlane', 'outer', 'outerBytes', 'firstOuter', 'stripOuter', 'yStrip'] as const),
  ...(['rowCount', 'lastRowCount', 'segmentCount', 'stride', 'rowBytes', 'planeBytes'] as const),
  ...(['vectorCount', 'lastVectorCount', 'vectorBytes', 'laneStride', 'wholeVectors', 'relu', 'slope'] as const),
  ...(['chunks', 'chunkUnits', 'chunkBytes', 'unitsAtOnce', 'blockPanels'] as const),
] as const;
// Words of WeightArguments (assembly/convolution-weights.ts), in order.
const weightSlots = [
  ...(['plain', 'packed', 'panels', 'width', 'm', 'channels', 'blockChannels', 'taps'] as const),
  ...([
    'groupStride',
    'rowStride',
    'channelStride',
    'tapOffsets',
    'inOrder',
    'chunks',
    'chunkBytes',
    'accumulate',
  ] as const),
] as const;
type WalkJob = Job<(typeof walkSlots)[number]>;

/** Items there should be at least, so that threads share the work evenly. */
export const wantedItems = 32;
/** Products that are worth a block of their own. */
export const blockProducts = 250_000;
/** The same for depthwise convolutions, whose products take longer by far, for each copies its input. */
const blockProductsSingle = 32_000;

/** One side of a walk: the plane of its tensor and how many channels a group has. */
export interface Side {
  channels: number;
  plane: number;
}

/** Strides in the plain weights, in values, for rows (result channels) and source channels. */
export interface WeightLayout {
  group: number;
  row: number;
  channel: number;
  /** Values of a kernel. */
  kernel: number;
}

export interface WalkShape {
  batch: number;
  group: number;
  source: Side;
  result: Side;
  layout: WeightLayout;
}

/** Sets the words that describe a plan and its tensors, and makes its tables; these live as long as the job. */
export function describeWalk(engine: Engine, job: WalkJob, plan: Plan, shape: WalkShape): object {
  const { batch, group, source, result } = shape;
  const bytes = (values: number): number => values * 4;
  const tables = {
    rows: engine.table(plan.rows),
    segments: engine.table(plan.segments),
    offsets: engine.table(plan.offsets.map(bytes)),
    vectors: engine.table([...plan.bases.map(bytes), ...plan.places.map(bytes), ...plan.lanes]),
  };
  const { address, i32 } = job;
  address.rows = tables.rows.address;
  address.segments = tables.segments.address;
  address.offsets = tables.offsets.address;
  address.vectors = tables.vectors.address;
  i32.batch = batch;
  i32.strips = plan.strips;
  i32.channels = source.channels;
  i32.blockChannels = plan.blockChannels;
  i32.taps = plan.tapKernels.length;
  i32.m = result.channels;
  address.xPlane = bytes(source.plane);
  address.xGroup = bytes(source.plane * source.channels);
  address.xImage = bytes(source.plane * source.channels * group);
  address.yPlane = bytes(result.plane);
  address.yGroup = bytes(result.plane * result.channels);
  address.yImage = bytes(result.plane * result.channels * group);
  i32.outer = plan.outer;
  address.outerBytes = bytes(source.plane / plan.outer);
  i32.firstOuter = plan.firstOuter;
  i32.stripOuter = plan.stripOuter;
  address.yStrip = bytes(plan.yStrip);
  i32.rowCount = plan.rowCount;
  i32.lastRowCount = plan.lastRowCount;
  i32.segmentCount = plan.segments.length / 5;
  i32.stride = plan.step;
  address.rowBytes = bytes(plan.rowLength);
  address.planeBytes = bytes(plan.planeLength);
  i32.vectorCount = plan.vectorCount;
  i32.lastVectorCount = plan.lastVectorCount;
  address.vectorBytes = bytes(plan.bases.length);
  address.laneStride = bytes(plan.laneStep);
  i32.wholeVectors = plan.laneStep === 1 && plan.lanes.slice(0, plan.vectorCount).every((n) => n === 4) ? 1 : 0;
  return tables;
}

/** Depthwise convolutions have panels of one row. */
const panelWidth = (rows: number): number => (rows === 1 ? 1 : 4);

/** A job that packs or unpacks weights, its words set but for the addresses. */
export function weightJob(engine: Engine, kernel: string, plan: Plan, { group, source, result, layout }: WalkShape) {
  const width = panelWidth(result.channels);
  const panels = Math.ceil(result.channels / width);
  const perPanel = source.channels * plan.tapKernels.length * width;
  const job = engine.job(kernel, weightSlots, group * panels, Math.max(1, Math.ceil(elementGrain / perPanel)));
  const tapOffsets = engine.table(plan.tapKernels.map((kernelIndex) => 4 * kernelIndex));
  job.i32.panels = panels;
  job.i32.width = width;
  job.i32.m = result.channels;
  job.i32.channels = source.channels;
  job.i32.blockChannels = plan.blockChannels;
  job.i32.taps = plan.tapKernels.length;
  job.address.groupStride = 4 * layout.group;
  job.address.rowStride = 4 * layout.row;
  job.address.channelStride = 4 * layout.channel;
  job.address.tapOffsets = tapOffsets.address;
  job.i32.inOrder = plan.tapKernels.length === layout.kernel && plan.tapKernels.every((k, i) => k === i) ? 1 : 0;
  return { job, tapOffsets, width, panels, packedBytes: 4 * group * panels * perPanel };
}

/** One walk: packs the weights, then convolves. */
export function walk(engine: Engine, axes: readonly Axis[], shape: WalkShape) {
  const { batch, group, source, result } = shape;
  const plan = planWalk(axes, source.channels, source.channels === 1 && result.channels === 1);
  const pack = weightJob(engine, 'packWeights', plan, shape);
  engine.reserveWorkspace({ perThread: 128 + 4 * (plan.blockChannels * plan.planeLength) + 64 });
  const packed = packedWeights(engine, pack.packedBytes, (w, to) => {
    pack.job.address.plain = w.readAddress;
    pack.job.address.packed = to;
    pack.job.run();
  });
  const tasks = batch * group * plan.strips;
  const parts =
    pack.width === 1 ? 1 : Math.max(1, Math.min(Math.ceil(wantedItems / tasks), Math.floor(pack.panels / 4)));
  const products = (result.plane / plan.strips) * result.channels * source.channels * plan.tapKernels.length;
  const single = pack.width === 1;
  const grain = Math.max(1, Math.floor((single ? blockProductsSingle : blockProducts) / (products / parts)));
  const job = engine.job(single ? 'convolveSingle' : 'convolve', walkSlots, tasks * parts, grain);
  const tables = describeWalk(engine, job, plan, shape);
  job.i32.parts = parts;
  job.i32.panels = pack.panels;
  return {
    tables,
    pack,
    run(x: Values, w: Values, bias: Values | undefined, y: Values, slope: number | undefined): void {
      job.address.weights = packed(w);
      job.address.x = x.address;
      job.address.y = y.address;
      job.address.bias = bias?.address ?? 0;
      job.i32.relu = slope === undefined ? 0 : 1;
      job.f32.slope = slope ?? 0;
      job.run();
    },
  };
}
