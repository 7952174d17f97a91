import type { ConvolutionSpec } from '../operations/index.ts';
import { canBeLapped, lappedStep, planSparse, type SparsePlan } from './sparse-plan.ts';

/** Vectors of the largest tile (assembly/sparse-tile.ts). */
export const tileVectors = 13;

// Cycles, as measured on an x86 server: of products of a vector whose loads stay in lines, and of one whose loads may
// cross; of a weight in a tile, of a tile, of copying four values.
const vectorCycles = 0.54;
const crossingCycles = 0.64;
const weightCycles = 0.5;
const tileCycles = 30;
const copyCycles = 2.5;

/** What a strip's time depends on beside its geometry. */
export interface SparseWork {
  /** Output channels, and the weights that are not zero in each one's list. */
  m: number;
  listLength: number;
  /** Input channels of a local copy. */
  channels: number;
}

/** Plans strips, `least` at least, of the height that should take the least time. Results don't depend on it. */
export function planStrips(spec: ConvolutionSpec, work: SparseWork, least: number): SparsePlan {
  const yHeight = spec.y.shape[2]!;
  let best: { plan: SparsePlan; cycles: number } | undefined;
  let height = yHeight + 1;
  for (let strips = least; strips <= Math.min(yHeight, 2 * least + 2); strips++) {
    const next = Math.ceil(yHeight / strips);
    if (next === height) continue;
    height = next;
    for (const lapped of canBeLapped(spec) ? [false, true] : [false]) {
      const plan = planSparse(spec, height, lapped);
      const cycles = cyclesOf(spec, plan, work);
      if (best === undefined || cycles < best.cycles) best = { plan, cycles };
    }
  }
  return best!.plan;
}

function cyclesOf({ y }: ConvolutionSpec, plan: SparsePlan, { m, listLength, channels }: SparseWork): number {
  const [yHeight, yWidth] = y.shape.slice(2) as [number, number];
  const { stripRows, strips, pitch, planeLength, lapped, tapOffsets } = plan;
  const aligned = lapped > 0 ? 1 : tapOffsets.filter((at) => at % 4 === 0).length / tapOffsets.length;
  const perVector = aligned * vectorCycles + (1 - aligned) * crossingCycles;
  const strip = (rows: number): number => {
    const vectors = Math.ceil(((rows - 1) * pitch + yWidth) / (lapped > 0 ? lappedStep : 4)) * (lapped > 0 ? 3 : 1);
    const tiles = Math.ceil(vectors / (lapped > 0 ? 12 : tileVectors));
    return m * (listLength * (vectors * perVector + tiles * weightCycles) + tiles * tileCycles);
  };
  const last = yHeight - (strips - 1) * stripRows;
  return (strips - 1) * strip(stripRows) + strip(last) + (strips * channels * planeLength * copyCycles) / 4;
}
