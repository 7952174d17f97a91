import type { ConvolutionSpec } from '../operations/index.ts';
import type { Values } from '../values.ts';
import { linesOf, spreadPlanes } from './cache-sets.ts';
import type { Engine, Table } from './engine.ts';
import { planSparse } from './sparse-plan.ts';
import { planStrips, tileVectors } from './sparse-strips.ts';
import { countNonzeros, listWeights } from './sparse-weights.ts';

// Words of SparseArguments (assembly/sparse.ts), in order.
const slots = [
  ...(['x', 'y', 'bias', 'starts', 'rows', 'rowCount', 'batch', 'strips', 'parts', 'channels'] as const),
  ...(['blockChannels', 'blocks', 'm', 'xHeight', 'xRow', 'xPlane', 'xGroup', 'xImage'] as const),
  ...(['yHeight', 'yWidth', 'yPlane', 'yGroup', 'yImage', 'stride', 'stripRows', 'stripStep', 'firstRow'] as const),
  ...(['planeBytes', 'pitch', 'inputBytes', 'resultBytes', 'lapped', 'rowBytes'] as const),
  ...(['relu', 'slope', 'direct'] as const),
] as const;

/** Lines of the first cache for a tile's surroundings in all channels of a block: half of a usual one. */
const nearLines = 256;
/** And where a channel is hardly more than a tile, so that each list is read for one or two: there long lists matter. */
const nearLinesSmall = 420;
/** Values of a block's local copy and of the results: somewhat more than a second cache, for they pass in order. */
const stripValues = 384 * 1024;
/** Items a thread, so that threads share the work evenly. */
const itemsAThread = 4;

/** A convolution over two spatial axes that only takes the weights that are not zero, as they are now. */
export interface SparseConvolution {
  /** What the job reads; kept with it. */
  readonly tables: object;
  run(x: Values, bias: Values | undefined, y: Values, slope: number | undefined): void;
}

/** Whether there are sparse kernels for such a convolution. */
export function canBeSparse({ w }: ConvolutionSpec): boolean {
  return w.shape.length === 4;
}

export function sparseConvolution(engine: Engine, spec: ConvolutionSpec, weights: Float32Array): SparseConvolution {
  const { x, w, y, group } = spec;
  const [batch, , xHeight, xWidth] = x.shape as [number, number, number, number];
  const [outputs, channels] = w.shape as [number, number];
  const [yHeight, yWidth] = y.shape.slice(2) as [number, number];
  const m = outputs / group;

  const whole = planSparse(spec, yHeight, false);
  const near = linesOf(whole.tapOffsets, 4 * tileVectors).size;
  const atOnce = whole.resultLength <= 8 * tileVectors ? nearLinesSmall : nearLines;
  const blockCount = Math.ceil(channels / Math.max(1, Math.floor(atOnce / near)));
  const blockChannels = Math.ceil(channels / blockCount);
  const listLength = countNonzeros(weights) / (outputs * blockCount);
  // Strips: as many as the second cache wants, and the threads.
  const wanted = engine.threads === 1 ? 1 : engine.threads * itemsAThread;
  const room = blockChannels * whole.planeLength + m * whole.resultLength;
  const byThreads = Math.min(Math.ceil(wanted / (batch * group)), Math.ceil(yHeight / 8));
  const least = Math.min(yHeight, Math.max(Math.ceil(room / stripValues), byThreads));
  const plan = planStrips(spec, { m, listLength, channels: blockChannels }, least);
  const planeLength = spreadPlanes(plan.planeLength, plan.tapOffsets, 4 * tileVectors, blockChannels);
  const tasks = batch * group * plan.strips;
  const parts = Math.max(1, Math.min(Math.ceil(wanted / tasks), Math.floor(m / 8)));

  const lists = listWeights(spec, { ...plan, planeLength }, blockChannels, weights);
  const tables: Record<string, Table> = { list: engine.table(lists.list), rows: engine.table(plan.rows) };
  tables['starts'] = engine.table(lists.starts.map((at) => tables['list']!.address + 4 * at));
  const inputValues = Math.ceil((blockChannels * planeLength) / 16) * 16;
  const rowValues = Math.ceil(plan.rowLength / 16) * 16;
  engine.reserveWorkspace({ perThread: 4 * (rowValues + inputValues + m * plan.resultLength) + 64 });

  const job = engine.job('sparseConvolve', slots, tasks * parts, 1);
  const { address, i32 } = job;
  address.starts = tables['starts'].address;
  address.rows = tables['rows']!.address;
  i32.rowCount = plan.rows.length / 6;
  i32.batch = batch;
  i32.strips = plan.strips;
  i32.parts = parts;
  i32.channels = channels;
  i32.blockChannels = blockChannels;
  i32.blocks = blockCount;
  i32.m = m;
  i32.xHeight = xHeight;
  address.xRow = 4 * xWidth;
  address.xPlane = 4 * xHeight * xWidth;
  address.xGroup = address.xPlane * channels;
  address.xImage = address.xGroup * group;
  i32.yHeight = yHeight;
  i32.yWidth = yWidth;
  address.yPlane = 4 * yHeight * yWidth;
  address.yGroup = address.yPlane * m;
  address.yImage = address.yGroup * group;
  i32.stride = spec.stride[1]!;
  i32.stripRows = plan.stripRows;
  i32.stripStep = plan.stripRows * spec.stride[0]!;
  i32.firstRow = -spec.pad[0]!;
  address.planeBytes = 4 * planeLength;
  address.pitch = 4 * plan.pitch;
  address.inputBytes = 4 * inputValues;
  address.resultBytes = 4 * plan.resultLength;
  i32.lapped = plan.lapped;
  address.rowBytes = 4 * rowValues;
  // Straight to y, if tiles in rows are not many more than without regard to rows.
  const canBeDirect = blockCount === 1 && plan.lapped > 0 && Math.ceil(plan.lapped / 4) <= 1.06 * (plan.lapped / 4);
  return {
    tables,
    run(xValues, bias, yValues, slope) {
      address.x = xValues.readAddress;
      address.y = yValues.address;
      address.bias = bias?.readAddress ?? 0;
      i32.relu = slope === undefined ? 0 : 1;
      job.f32.slope = slope ?? 0;
      i32.direct = canBeDirect && (slope ?? 0) === 0 ? 1 : 0;
      job.run();
    },
  };
}
