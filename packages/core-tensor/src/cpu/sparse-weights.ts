import type { ConvolutionSpec } from '../operations/index.ts';
import type { SparsePlan } from './sparse-plan.ts';

export interface SparseWeights {
  /** Place of each (group, block of channels, output channel)'s list in `list`, and its end: in words. */
  starts: Int32Array;
  /** {offset in bytes, weight} for each weight that is not zero. */
  list: Int32Array;
}

/** Number of values that are not zero (NaN is not). */
export function countNonzeros(weights: Float32Array): number {
  let count = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) count++;
  return count;
}

/** Lists the weights that are not zero in the order in which the kernel takes them: by block, then by output channel. */
export function listWeights(
  { w, group }: ConvolutionSpec,
  { tapOffsets, planeLength }: SparsePlan,
  blockChannels: number,
  weights: Float32Array,
): SparseWeights {
  const [outputs, channels] = w.shape as [number, number];
  const [m, taps, blocks] = [outputs / group, tapOffsets.length, Math.ceil(channels / blockChannels)];
  const starts = new Int32Array(group * blocks * m + 1);
  const list = new Int32Array(2 * countNonzeros(weights));
  const bits = new Int32Array(weights.buffer, weights.byteOffset, weights.length);
  let at = 0;
  let index = 0;
  for (let g = 0; g < group; g++) {
    for (let first = 0; first < channels; first += blockChannels) {
      const end = Math.min(channels, first + blockChannels);
      for (let row = g * m; row < (g + 1) * m; row++) {
        starts[index++] = at;
        for (let c = first; c < end; c++) {
          const from = (row * channels + c) * taps;
          for (let tap = 0; tap < taps; tap++) {
            if (weights[from + tap] === 0) continue;
            list[at++] = 4 * ((c - first) * planeLength + tapOffsets[tap]!);
            list[at++] = bits[from + tap]!;
          }
        }
      }
    }
  }
  starts[index] = at;
  return { starts, list };
}
