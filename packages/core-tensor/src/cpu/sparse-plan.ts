import type { ConvolutionSpec } from '../operations/index.ts';
import { oddLines } from './cache-sets.ts';

// Geometry of a sparse convolution (assembly/sparse.ts): how a strip of one channel is laid out locally. Values of x that
// are equal modulo the stride lie together, so that neighbouring results always read neighbouring values.

export interface SparsePlan {
  /** Rows of y a strip, and strips. */
  stripRows: number;
  strips: number;
  /** Values from row to row of the results, and of the local copy where it is plain. */
  pitch: number;
  /** Lapped lines a row of the local copy (assembly/sparse-tile.ts), 0 where it is plain. */
  lapped: number;
  /** Values of a row before it is lapped. */
  rowLength: number;
  /** Values of a channel's local copy. */
  planeLength: number;
  /** Words of SparseRow: target in bytes, row, zeros, source, count, tail. */
  rows: number[];
  /** For each tap of the kernel, where the values lie that the first result reads. */
  tapOffsets: number[];
  /** Values of a strip's results; they lie so far apart from channel to channel. */
  resultLength: number;
}

/** One axis: its taps' phases and distances, and the phases there are. */
interface Taps {
  phase: number[];
  shift: number[];
  phases: number[];
  reach: number;
}

function tapsOf(kernel: number, stride: number, dilation: number): Taps {
  const at = Array.from({ length: kernel }, (_, k) => k * dilation);
  const phase = at.map((t) => t % stride);
  const shift = at.map((t) => Math.floor(t / stride));
  return { phase, shift, phases: [...new Set(phase)].sort((a, b) => a - b), reach: Math.max(...shift) };
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** Values of a lapped line, and of these the ones that are not the next line's. */
const lappedLine = 16;
export const lappedStep = 12;

/** Whether all taps along a row lie in a lapped line. */
export function canBeLapped({ w, stride, dilation }: ConvolutionSpec): boolean {
  return tapsOf(w.shape[3]!, stride[1]!, dilation[1]!).reach <= lappedLine - lappedStep;
}

/** Plans strips of `height` rows of y. */
export function planSparse(spec: ConvolutionSpec, height: number, lapped: boolean): SparsePlan {
  const [yHeight, yWidth] = spec.y.shape.slice(2) as [number, number];
  const xWidth = spec.x.shape[3]!;
  const padLeft = spec.pad[1]!;
  const [kernelHeight, kernelWidth] = spec.w.shape.slice(2) as [number, number];
  const [strideY, strideX] = spec.stride as [number, number];
  const down = tapsOf(kernelHeight, strideY, spec.dilation[0]!);
  const across = tapsOf(kernelWidth, strideX, spec.dilation[1]!);

  const stripRows = Math.min(height, yHeight);
  const length = yWidth + across.reach;
  const segments = across.phases.map((phase) => {
    const zeros = Math.min(length, Math.max(0, Math.ceil((padLeft - phase) / strideX)));
    const source = zeros * strideX + phase - padLeft;
    const count = Math.max(0, Math.min(length - zeros, Math.ceil((xWidth - source) / strideX)));
    return { zeros, source, count, tail: length - zeros - count };
  });
  // What is zero at the end of every row and at the start of the next is kept once.
  const shared = Math.min(...segments.map(({ zeros, tail }) => Math.min(zeros, tail)));
  const pitch = lapped ? roundUp(yWidth, lappedStep) : length - shared;
  // Values from row to row of the local copy.
  const step = lapped ? (pitch / lappedStep) * lappedLine : pitch;
  const resultLength = oddLines(Math.max(16, roundUp((stripRows - 1) * pitch + yWidth, lapped ? lappedStep : 4)));
  const lines = stripRows + down.reach;
  // Vectors may read, and copies write, a few values beyond the last row.
  const read = resultLength + down.reach * pitch + across.reach;
  const copyLength = lapped ? lines * step : roundUp(Math.max(lines * pitch + shared, read) + 4, 4);

  const rows = down.phases.flatMap((phaseY, i) =>
    segments.flatMap(({ zeros, source, count, tail }, j) =>
      Array.from({ length: lines }, (_, line) => [
        4 * ((i * segments.length + j) * copyLength + line * step),
        line * strideY + phaseY,
        zeros,
        source,
        count,
        tail,
      ]).flat(),
    ),
  );
  const tapOffsets = down.shift.flatMap((shiftY, ky) =>
    across.shift.map((shiftX, kx) => {
      const copy = down.phases.indexOf(down.phase[ky]!) * segments.length + across.phases.indexOf(across.phase[kx]!);
      return copy * copyLength + shiftY * step + shiftX;
    }),
  );
  return {
    stripRows,
    strips: Math.ceil(yHeight / stripRows),
    pitch,
    lapped: lapped ? pitch / lappedStep : 0,
    rowLength: lapped ? Math.max(length, pitch) + 8 : 0,
    planeLength: copyLength * down.phases.length * segments.length,
    rows,
    tapOffsets,
    resultLength,
  };
}
