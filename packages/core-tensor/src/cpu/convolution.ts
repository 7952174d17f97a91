import { CaffeError } from '@jacinto/proto/errors';
import type { Operations } from '../backend.ts';
import type { ConvolutionSpec } from '../operations/index.ts';
import { convolvedLength } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import type { Values } from '../values.ts';
import { type Axis, backwardAxes, forwardAxes, type Plan, planWalk } from './convolution-plan.ts';
import { type Engine, elementGrain, type Job } from './engine.ts';

// Words of ConvolutionArguments (assembly/convolution-input.ts), in order.
const walkSlots = [
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
const wantedItems = 32;
/** Products that are worth a block of their own. */
const blockProducts = 250_000;
/** Bytes of gradients and inputs that `weightGradients` holds at once. */
const unitBytesAtOnce = 192 * 1024;
const gradientBytesAtOnce = 256 * 1024;

/** One side of a walk: the plane of its tensor and how many channels a group has. */
interface Side {
  channels: number;
  plane: number;
}

/** Strides in the plain weights, in values, for rows (result channels) and source channels. */
interface WeightLayout {
  group: number;
  row: number;
  channel: number;
  /** Values of a kernel. */
  kernel: number;
}

export function convolutionOn(engine: Engine): Operations['convolution'] {
  return (spec) => {
    checkSpec(spec);
    const [batch, channels, ...source] = spec.x.shape as [number, number, ...number[]];
    const [outputs, groupChannels, ...kernel] = spec.w.shape as [number, number, ...number[]];
    const { group } = spec;
    const groupOutputs = outputs / group;
    const result = spec.y.shape.slice(2);
    const x: Side = { channels: groupChannels, plane: countOf(source) };
    const y: Side = { channels: groupOutputs, plane: countOf(result) };
    const kernelCount = countOf(kernel);
    const groupWeights = groupOutputs * groupChannels * kernelCount;
    const isEmpty = batch === 0 || x.plane === 0 || y.plane === 0 || channels === 0 || outputs === 0;
    const axes = forwardAxes(source, kernel, result, spec);

    const forwardLayout = {
      group: groupWeights,
      row: groupChannels * kernelCount,
      channel: kernelCount,
      kernel: kernelCount,
    };
    const backwardLayout = {
      group: groupWeights,
      row: kernelCount,
      channel: groupChannels * kernelCount,
      kernel: kernelCount,
    };
    const forward = lazy(() => walk(engine, axes, { batch, group, source: x, result: y, layout: forwardLayout }));
    const backward = lazy(() =>
      backwardAxes(axes).map((phase) =>
        walk(engine, phase, { batch, group, source: y, result: x, layout: backwardLayout }),
      ),
    );
    const someHaveNoTaps = lazy(
      () =>
        isEmpty ||
        backward().length < spec.stride.reduce((product, stride, i) => product * Math.min(stride, source[i]!), 1),
    );
    const weights = lazy(() => weightGradients(engine, axes, { batch, group, x, y, layout: forwardLayout }));
    const clear = engine.job('fill', ['y', 'value'], batch * channels * x.plane, elementGrain);
    const biasGrain = Math.max(1, Math.ceil(elementGrain / Math.max(1, batch * y.plane)));
    const biasSlots = ['dy', 'db', 'batch', 'channels', 'plane', 'accumulate'] as const;
    const biasJob = engine.job('biasGradients', biasSlots, outputs, biasGrain);
    biasJob.i32.batch = batch;
    biasJob.i32.channels = outputs;
    biasJob.i32.plane = y.plane;
    const slope = spec.relu?.slope;

    return {
      forward(xValues, w, b, yValues) {
        if (isEmpty) return;
        forward().run(xValues, w, spec.bias ? b : undefined, yValues, slope);
      },
      backwardData(dy, w, dx) {
        if (someHaveNoTaps()) {
          clear.address.y = dx.address;
          clear.run();
        }
        if (isEmpty) return;
        for (const phase of backward()) phase.run(dy, w, undefined, dx, undefined);
      },
      backwardWeights(xValues, dy, dw, db, { accumulate }) {
        if (dw !== undefined) {
          if (!isEmpty) weights().run(xValues, dy, dw, accumulate);
          else if (!accumulate) dw.hostWrite().fill(0);
        }
        if (db !== undefined) {
          biasJob.address.dy = dy.address;
          biasJob.address.db = db.address;
          biasJob.i32.accumulate = accumulate ? 1 : 0;
          biasJob.run();
        }
      },
    };
  };
}

/** Prepared on first use: a net that only tests never plans its gradients. */
function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function checkSpec({ x, w, y, stride, pad, dilation, group }: ConvolutionSpec): void {
  const fail = (problem: string, fix?: string): never => {
    throw new CaffeError({ code: 'bad-shape', problem: `convolution: ${problem}`, fix });
  };
  const axes = x.shape.length - 2;
  if (axes < 0 || w.shape.length !== axes + 2 || y.shape.length !== axes + 2) {
    fail(`x (${x.shape}), w (${w.shape}) and y (${y.shape}) need the same number of axes, 2 at least`);
  }
  if (stride.length !== axes || pad.length !== axes || dilation.length !== axes) {
    fail(`stride, pad and dilation need ${axes} entries each`);
  }
  const [outputs, groupChannels] = [w.shape[0]!, w.shape[1]!];
  if (group < 1 || outputs % group !== 0 || x.shape[1] !== groupChannels * group) {
    fail(`${x.shape[1]} input and ${outputs} output channels do not fit ${group} groups of ${groupChannels} inputs`);
  }
  const expected = x.shape.slice(2).map((length, i) => {
    if (stride[i]! < 1 || dilation[i]! < 1 || pad[i]! < 0 || w.shape[i + 2]! < 1) {
      fail(`stride ${stride}, dilation ${dilation}, pad ${pad} or kernel ${w.shape.slice(2)} is too small`);
    }
    return Math.max(0, convolvedLength(length, w.shape[i + 2]!, stride[i]!, pad[i]!, dilation[i]!));
  });
  const wanted = [x.shape[0]!, outputs, ...expected];
  if (y.shape.some((length, i) => length !== wanted[i])) fail(`y is ${y.shape}`, `give it the shape ${wanted}`);
}

interface WalkShape {
  batch: number;
  group: number;
  source: Side;
  result: Side;
  layout: WeightLayout;
}

/** Sets the words that describe a plan and its tensors, and makes its tables; these live as long as the job. */
function describeWalk(engine: Engine, job: WalkJob, plan: Plan, shape: WalkShape): object {
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
function weightJob(engine: Engine, kernel: string, plan: Plan, { group, source, result, layout }: WalkShape) {
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
function walk(engine: Engine, axes: readonly Axis[], shape: WalkShape) {
  const { batch, group, source, result } = shape;
  const plan = planWalk(axes, source.channels, source.channels === 1 && result.channels === 1);
  const pack = weightJob(engine, 'packWeights', plan, shape);
  engine.reserveWorkspace({
    perThread: 128 + 4 * (plan.blockChannels * plan.planeLength) + 64,
    shared: pack.packedBytes,
  });
  const tasks = batch * group * plan.strips;
  const parts =
    pack.width === 1 ? 1 : Math.max(1, Math.min(Math.ceil(wantedItems / tasks), Math.floor(pack.panels / 4)));
  const products = (result.plane / plan.strips) * result.channels * source.channels * plan.tapKernels.length;
  const grain = Math.max(1, Math.floor(blockProducts / (products / parts)));
  const job = engine.job(pack.width === 1 ? 'convolveSingle' : 'convolve', walkSlots, tasks * parts, grain);
  const tables = describeWalk(engine, job, plan, shape);
  job.i32.parts = parts;
  job.i32.panels = pack.panels;
  return {
    tables,
    pack,
    run(x: Values, w: Values, bias: Values | undefined, y: Values, slope: number | undefined): void {
      const workspace = engine.sharedWorkspace();
      pack.job.address.plain = w.address;
      pack.job.address.packed = workspace;
      pack.job.run();
      job.address.x = x.address;
      job.address.y = y.address;
      job.address.weights = workspace;
      job.address.bias = bias?.address ?? 0;
      job.i32.relu = slope === undefined ? 0 : 1;
      job.f32.slope = slope ?? 0;
      job.run();
    },
  };
}

/** Gradient of the weights: partial sums a chunk of the batch, packed, then added up in order. */
function weightGradients(
  engine: Engine,
  axes: readonly Axis[],
  { batch, group, x, y, layout }: { batch: number; group: number; x: Side; y: Side; layout: WeightLayout },
) {
  const shape: WalkShape = { batch, group, source: x, result: y, layout };
  const plan = planWalk(axes, x.channels);
  const unpack = weightJob(engine, 'unpackWeights', plan, shape);
  const { width, panels } = unpack;
  const single = width === 1;

  const inputBytes = 4 * plan.blockChannels * plan.planeLength;
  const panelBytes = 16 * width * plan.vectorCount;
  // Rows enough to pay for copying the input, few enough to stay in the second cache.
  const byWork = Math.max(16, Math.ceil(144 / plan.tapKernels.length));
  const byBytes = Math.max(8, Math.floor(gradientBytesAtOnce / panelBytes));
  const blockPanels = single ? 1 : Math.min(panels, byWork, byBytes);
  const unitsAtOnce =
    single || plan.strips > 1
      ? 1
      : Math.max(1, Math.min(16, Math.floor(unitBytesAtOnce / Math.max(inputBytes, panelBytes * blockPanels))));
  const units = batch * plan.strips;
  const tasks = group * Math.ceil(x.channels / plan.blockChannels) * Math.ceil(panels / blockPanels);
  const wantedChunks = Math.max(1, Math.min(Math.ceil(wantedItems / tasks), Math.ceil(units / unitsAtOnce)));
  const chunkUnits = Math.ceil(Math.ceil(units / wantedChunks) / unitsAtOnce) * unitsAtOnce;
  const chunks = Math.ceil(units / chunkUnits);

  engine.reserveWorkspace({
    perThread: unitsAtOnce * inputBytes + 64 + blockPanels * unitsAtOnce * panelBytes + 64,
    shared: chunks * unpack.packedBytes,
  });
  const products =
    plan.vectorCount * 4 * chunkUnits * (single ? 1 : 4 * blockPanels) * plan.blockChannels * plan.tapKernels.length;
  const grain = Math.max(1, Math.floor(blockProducts / products));
  const job = engine.job(single ? 'weightGradientsSingle' : 'weightGradients', walkSlots, tasks * chunks, grain);
  const tables = describeWalk(engine, job, plan, shape);
  job.i32.panels = panels;
  job.i32.chunks = chunks;
  job.i32.chunkUnits = chunkUnits;
  job.address.chunkBytes = unpack.packedBytes;
  job.i32.unitsAtOnce = unitsAtOnce;
  job.i32.blockPanels = blockPanels;
  unpack.job.i32.chunks = chunks;
  unpack.job.address.chunkBytes = unpack.packedBytes;
  return {
    tables,
    unpack,
    run(xValues: Values, dy: Values, dw: Values, accumulate: boolean): void {
      const workspace = engine.sharedWorkspace();
      job.address.x = xValues.address;
      job.address.y = dy.address;
      job.address.weights = workspace;
      job.run();
      unpack.job.address.plain = dw.address;
      unpack.job.address.packed = workspace;
      unpack.job.i32.accumulate = accumulate ? 1 : 0;
      unpack.job.run();
    },
  };
}
