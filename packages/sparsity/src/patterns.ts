import type { ConvolutionWeights } from './convolution.ts';

/**
 * N:M: of each `m` weights side by side along the input channels (at one output and tap) only the largest stay, `n` of
 * them, or more where `fraction` asks for fewer zeros than 1 − n/m. A rest of fewer than m is left alone.
 */
export function zeroNOfM(
  { values, shape }: ConvolutionWeights,
  fraction: number,
  { n, m }: { n: number; m: number },
): void {
  const kept = Math.max(n, m - Math.floor(m * fraction + 1e-6));
  const { outputs, inputs, taps } = sizes(shape);
  const order = Array.from({ length: m }, (_, i) => i);
  for (let o = 0; o < outputs; o++) {
    for (let t = 0; t < taps; t++) {
      for (let first = 0; first + m <= inputs; first += m) {
        const at = (i: number) => (o * inputs + first + i) * taps + t;
        order.sort((a, b) => Math.abs(values[at(b)]!) - Math.abs(values[at(a)]!) || a - b);
        for (let rank = kept; rank < m; rank++) values[at(order[rank]!)] = 0;
      }
    }
  }
}

/** Zeroes the output channels with the smallest Σ|w|, at most `fraction` of them, never all. */
export function zeroFilters({ values, shape }: ConvolutionWeights, fraction: number): void {
  const { outputs, inputs, taps } = sizes(shape);
  const length = inputs * taps;
  zeroSmallest(
    outputs,
    fraction,
    (o, visit) => {
      for (let i = 0; i < length; i++) visit(o * length + i);
    },
    values,
  );
}

/** Zeroes the input channels with the smallest Σ|w|, at most `fraction` of each group's, never all. */
export function zeroInputs({ values, shape, group }: ConvolutionWeights, fraction: number): void {
  const { outputs, inputs, taps } = sizes(shape);
  const rows = outputs / group;
  for (let g = 0; g < group; g++) {
    zeroSmallest(
      inputs,
      fraction,
      (c, visit) => {
        for (let o = g * rows; o < (g + 1) * rows; o++) {
          for (let t = 0; t < taps; t++) visit((o * inputs + c) * taps + t);
        }
      },
      values,
    );
  }
}

/** Zeroes blocks of `rows` outputs × `columns` inputs at one tap, those with the smallest Σ|w|, never all. */
export function zeroBlocks(
  { values, shape, group }: ConvolutionWeights,
  fraction: number,
  { rows, columns }: { rows: number; columns: number },
): void {
  const { outputs, inputs, taps } = sizes(shape);
  const outputsOfGroup = outputs / group; // a block does not reach from one group into another
  const down = Math.ceil(outputsOfGroup / rows);
  const across = Math.ceil(inputs / columns);
  zeroSmallest(
    group * down * across * taps,
    fraction,
    (block, visit) => {
      const t = block % taps;
      const column = Math.floor(block / taps) % across;
      const row = Math.floor(block / taps / across);
      const begin = Math.floor(row / down) * outputsOfGroup;
      const from = begin + (row % down) * rows;
      for (let o = from; o < Math.min(from + rows, begin + outputsOfGroup); o++) {
        for (let c = column * columns; c < Math.min((column + 1) * columns, inputs); c++)
          visit((o * inputs + c) * taps + t);
      }
    },
    values,
  );
}

/** Zeroes the members with the smallest Σ|w|; ties go by index. */
function zeroSmallest(
  count: number,
  fraction: number,
  each: (member: number, visit: (index: number) => void) => void,
  values: Float32Array,
): void {
  const norms = new Float64Array(count);
  for (let member = 0; member < count; member++) {
    each(member, (index) => {
      norms[member]! += Math.abs(values[index]!);
    });
  }
  const order = Array.from(norms.keys()).sort((a, b) => norms[a]! - norms[b]! || a - b);
  const gone = Math.min(count - 1, Math.floor(count * fraction + 1e-6));
  for (const member of order.slice(0, gone)) {
    each(member, (index) => {
      values[index] = 0;
    });
  }
}

function sizes(shape: readonly number[]): { outputs: number; inputs: number; taps: number } {
  const [outputs = 1, inputs = 1, ...kernel] = shape;
  return { outputs, inputs, taps: kernel.reduce((count, length) => count * length, 1) };
}
