import type { ConvolutionSpec } from '../operations/index.ts';
import { planSparse, type SparsePlan } from './sparse-plan.ts';

/** Vectors of the largest tile (assembly/sparse-tile.ts). */
export const tileVectors = 13;

// Cycles, as measured on an x86 server: of a tile beside its products, of copying four values.
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
    const plan = planSparse(spec, height);
    const cycles = cyclesOf(spec, plan, work);
    if (best === undefined || cycles < best.cycles) best = { plan, cycles };
  }
  return best!.plan;
}

function cyclesOf({ y }: ConvolutionSpec, plan: SparsePlan, { m, listLength, channels }: SparseWork): number {
  const [yHeight, yWidth] = y.shape.slice(2) as [number, number];
  const { stripRows, strips, pitch, planeLength } = plan;
  const strip = (rows: number): number => {
    const vectors = Math.ceil(((rows - 1) * pitch + yWidth) / 4);
    const tiles = Math.ceil(vectors / tileVectors);
    return m * ((listLength * (vectors + tiles)) / 2 + tiles * tileCycles);
  };
  const last = yHeight - (strips - 1) * stripRows;
  return (strips - 1) * strip(stripRows) + strip(last) + (strips * channels * planeLength * copyCycles) / 4;
}
