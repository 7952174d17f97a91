import type { Int8ConvolutionSpec, Int8Operation } from '../operations/index.ts';
import type { Engine, Job, Table } from './engine.ts';
import type { PlacedImages } from './int8-images.ts';
import { rounderOf, type SumBounds } from './int8-rounding.ts';
import { type Phase, phasesOf, type Tap } from './int8-taps.ts';
import { needsInputs, type Weights } from './int8-weights.ts';

const slots = [
  ...(['x', 'y', 'weights', 'offsets', 'requantization', 'taps', 'pairs', 'groups', 'panels', 'outputs'] as const),
  ...(['inputs', 'xGroup', 'rows', 'columns', 'itemRows', 'items', 'xImage', 'xRow', 'xColumn'] as const),
  ...(['yImage', 'yRow', 'yColumn'] as const),
] as const;

/** Outputs that a thread sums before it rounds them, and their bytes at most. */
const outputsAtOnce = 128;
const bytesAtOnce = 160 * 1024;

/** Places that are read in one run, from `offset` (bytes) on: one tap, or a row of them that lies without a gap. */
interface Run {
  offset: number;
  taps: { row: Tap; column: Tap; word: number }[];
}

export interface DirectConvolution {
  spec: Int8ConvolutionSpec;
  weights: Weights;
  bounds: readonly SumBounds[];
  /** Whether sums of inputs are wanted beside those of products. */
  withInputs: boolean;
}

/** Sums of products as they lie, without a copy: dense, grouped, depthwise, dilated, strided, transposed. */
export function int8Direct(
  engine: Engine,
  { spec, weights, bounds, withInputs }: DirectConvolution,
  x: PlacedImages,
  y: PlacedImages,
): Int8Operation | undefined {
  const { group, rounding } = spec;
  const { inputs, outputs } = weights;
  const isDepthwise = inputs === 1 && outputs === 1 && group > 1;
  const panels = isDepthwise ? 1 : Math.ceil((outputs + (withInputs ? 1 : 0)) / 8);
  const width = isDepthwise ? Math.ceil(group / 8) * 8 : group * panels * 8;
  const places = bounds.map((_, o) => (isDepthwise ? o : Math.floor(o / outputs) * panels * 8 + (o % outputs)));
  const parts: { job: Job<(typeof slots)[number]>; tables: readonly Table[] }[] = [];
  for (const rows of phasesOf(spec, 0)) {
    for (const columns of phasesOf(spec, 1)) {
      const runs = isDepthwise ? singles(rows, columns, x) : runsOf(rows, columns, x, group === 1);
      // Whole pairs: few channels lie side by side, so that a pair may begin in one pixel and end in the next.
      const words = Math.ceil((runs[0]!.taps.at(-1)!.word + inputs) / 2) * 2;
      const packed = isDepthwise
        ? packDepthwise(weights, runs, width)
        : packPanels(weights, runs, { words, group, panels, withInputs });
      const table = engine.table(packed);
      const offsets = engine.table(runs.map(({ offset }) => offset));
      const stride = panels * 32 * group;
      const most = Math.min(outputsAtOnce, bytesAtOnce / stride);
      const itemRows = Math.max(1, Math.min(rows.count, Math.floor(most / columns.count)));
      const items = Math.ceil(rows.count / itemRows);
      const places = itemRows * columns.count + 3;
      engine.reserveWorkspace({ perThread: isDepthwise ? width * 8 : places * (4 + stride) + 128 });
      const job = isDepthwise
        ? engine.job('int8Depthwise', slots, x.shape[0] * rows.count, 1)
        : engine.job('int8Convolution', slots, x.shape[0] * items, 1);
      Object.assign(job.address, {
        ...{ x: x.address, xImage: x.image, xRow: x.row * rows.xStep, xColumn: x.column * columns.xStep },
        ...{ y: y.address + rows.first * y.row + columns.first * y.column, yImage: y.image },
        ...{ yRow: y.row * rows.yStep, yColumn: y.column * columns.yStep, rows: rows.count, columns: columns.count },
        ...{ weights: table.address, groups: group, panels, outputs },
        ...{ inputs: withInputs ? 1 : 0, xGroup: inputs * 2, taps: runs.length, pairs: words / 2, itemRows, items },
        offsets: offsets.address,
      });
      parts.push({ job, tables: [table, offsets] });
    }
  }
  const jobs = parts.map(({ job }) => job);
  const rounder = rounderOf(engine, jobs, bounds, { places, width });
  if (!rounder.round(rounding)) return undefined;
  return {
    run() {
      for (const { job } of parts) job.run();
    },
    round: (next) => (withInputs || !needsInputs(next)) && rounder.round(next),
  };
}

function singles(rows: Phase, columns: Phase, x: PlacedImages): Run[] {
  return rows.taps.flatMap((row) =>
    columns.taps.map((column) => ({
      offset: row.offset * x.row + column.offset * x.column,
      taps: [{ row, column, word: 0 }],
    })),
  );
}

/** Where all channels are read and columns follow each other, a row of taps is one run. */
function runsOf(rows: Phase, columns: Phase, x: PlacedImages, whole: boolean): Run[] {
  const [start] = columns.taps as [Tap];
  const joined = whole && columns.taps.every(({ offset }, i) => offset === start.offset + i);
  if (!joined) return singles(rows, columns, x);
  return rows.taps.map((row) => ({
    offset: row.offset * x.row + start.offset * x.column,
    taps: columns.taps.map((column, i) => ({ row, column, word: (i * x.column) / 2 })),
  }));
}

interface Panels {
  /** Words of a run. */
  words: number;
  group: number;
  panels: number;
  withInputs: boolean;
}

/** [group][panel][run][pair][8 outputs][2], in whole 32-bit words. */
function packPanels(weights: Weights, runs: readonly Run[], { words, group, panels, withInputs }: Panels): Int32Array {
  const { inputs, outputs } = weights;
  const packed = new Int16Array(group * panels * runs.length * words * 8);
  let base = 0;
  for (let g = 0; g < group; g++) {
    for (let panel = 0; panel < panels; panel++) {
      for (const { taps } of runs) {
        for (const { row, column, word } of taps) {
          if (row.k < 0 || column.k < 0) continue;
          for (let j = 0; j < 8; j++) {
            const o = panel * 8 + j;
            if (o > outputs || (o === outputs && !withInputs)) break;
            for (let c = 0; c < inputs; c++) {
              const at = word + c;
              packed[base + (at >> 1) * 16 + j * 2 + (at & 1)] =
                o === outputs ? 1 : weights.at(g * outputs + o, c, row.k, column.k);
            }
          }
        }
        base += words * 8;
      }
    }
  }
  return new Int32Array(packed.buffer);
}

/** [tap][channel]. */
function packDepthwise(weights: Weights, runs: readonly Run[], width: number): Int32Array {
  const packed = new Int16Array(runs.length * width);
  runs.forEach(({ taps }, t) => {
    const { row, column } = taps[0]!;
    if (row.k < 0 || column.k < 0) return;
    for (let o = 0; o < packed.length / runs.length; o++) {
      const weight = weights.at(o, 0, row.k, column.k);
      if (weight !== undefined) packed[t * width + o] = weight;
    }
  });
  return new Int32Array(packed.buffer);
}
