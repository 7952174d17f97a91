import type { CodeRounding, Int8ConvolutionSpec } from '../operations/index.ts';
import type { SumBounds } from './int8-rounding.ts';

/** Reads weights by output channel, input channel of its group, row and column of the kernel. */
export interface Weights {
  readonly inputs: number;
  readonly outputs: number;
  at(output: number, input: number, row: number, column: number): number;
}

/** Inputs and outputs of a group, and the weight that joins them. */
export function weightsOf({ x, y, weights, transposed, kernel, group }: Int8ConvolutionSpec): Weights {
  const [inputs, outputs] = [x[1]! / group, y[1]! / group];
  const [height, width] = kernel;
  return {
    inputs,
    outputs,
    at(output, input, row, column) {
      const pair = transposed
        ? (Math.floor(output / outputs) * inputs + input) * outputs + (output % outputs)
        : output * inputs + input;
      return weights[(pair * height + row) * width + column]!;
    },
  };
}

/** The largest sums that inputs of the spec's range, or the zeros of the margin, can give for each output. */
export function boundsOf(spec: Int8ConvolutionSpec, weights: Weights): SumBounds[] {
  const { low, high } = spec.range;
  const [height, width] = spec.kernel;
  return Array.from({ length: spec.y[1]! }, (_, o) => {
    let [most, least] = [0, 0];
    for (let c = 0; c < weights.inputs; c++) {
      for (let h = 0; h < height; h++) {
        for (let w = 0; w < width; w++) {
          const weight = weights.at(o, c, h, w);
          most += Math.max(0, weight * low, weight * high);
          least += Math.min(0, weight * low, weight * high);
        }
      }
    }
    const other = weights.inputs * height * width * Math.max(Math.abs(low), Math.abs(high));
    return { sum: Math.max(most, -least), other };
  });
}

/** Whether all fit 16 bits. */
export function fitWords(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i]! >= -32768 && values[i]! <= 32767)) return false;
  return true;
}

/** Whether sums of the inputs count beside those of the products. */
export const needsInputs = ({ channels }: CodeRounding): boolean =>
  channels.some(({ above, below }) => (above.factors[1] ?? 0) !== 0 || (below?.factors[1] ?? 0) !== 0);
