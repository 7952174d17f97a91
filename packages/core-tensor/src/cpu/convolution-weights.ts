import type { Values } from '../values.ts';
import { type Axis, planWalk } from './convolution-plan.ts';
import {
  blockProducts,
  describeWalk,
  type Side,
  type WalkShape,
  type WeightLayout,
  walkSlots,
  wantedItems,
  weightJob,
} from './convolution-walk.ts';
import type { Engine } from './engine.ts';

/** Bytes of gradients and inputs that `weightGradients` holds at once. */
const unitBytesAtOnce = 192 * 1024;
const gradientBytesAtOnce = 256 * 1024;

/** Gradient of the weights: partial sums a chunk of the batch, packed, then added up in order. */
export function weightGradients(
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
