import type { Int8ConvolutionSpec, Margin } from '../operations/index.ts';

/** A place of the kernel along an axis, and how far from an output's first input it looks. k −1: a tap of no weight. */
export interface Tap {
  k: number;
  offset: number;
}

/**
 * Outputs first, first + yStep, … along an axis, which all see the same taps: output i looks at i·xStep + offset. A
 * convolution has one such phase, a deconvolution one for each place between inputs.
 */
export interface Phase {
  first: number;
  count: number;
  xStep: number;
  yStep: number;
  /** By rising offset. */
  taps: readonly Tap[];
}

/** Phases of an axis (0: rows, 1: columns). */
export function phasesOf(spec: Int8ConvolutionSpec, axis: 0 | 1): Phase[] {
  const [kernel, stride, pad, dilation] = [spec.kernel[axis], spec.stride[axis], spec.pad[axis], spec.dilation[axis]];
  const length = spec.y[2 + axis]!;
  const all = Array.from({ length: kernel }, (_, k) => k);
  if (!spec.transposed) {
    const taps = all.map((k) => ({ k, offset: k * dilation - pad }));
    return [{ first: 0, count: length, xStep: stride, yStep: 1, taps }];
  }
  const phases: Phase[] = [];
  for (let first = 0; first < Math.min(stride, length); first++) {
    const taps = all
      .map((k) => ({ k, offset: (first + pad - k * dilation) / stride }))
      .filter(({ offset }) => Number.isInteger(offset))
      .sort((a, b) => a.offset - b.offset);
    const count = Math.ceil((length - first) / stride);
    phases.push({ first, count, xStep: 1, yStep: stride, taps: taps.length > 0 ? taps : [{ k: -1, offset: 0 }] });
  }
  return phases;
}

/** How far taps reach outside x; Winograd's tiles, a little further. */
export function marginOf(spec: Int8ConvolutionSpec, withTiles: boolean): Margin {
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const size = spec.x[2 + axis]!;
    const ends = phasesOf(spec, axis).flatMap(({ count, xStep, taps }) =>
      taps.map(({ offset }) => [-offset, (count - 1) * xStep + offset + 1 - size] as const),
    );
    const tiles = withTiles ? tileReach(spec.y[2 + axis]!, spec.dilation[axis], spec.pad[axis]) - size : 0;
    return [Math.max(0, ...ends.map(([before]) => before)), Math.max(tiles, 0, ...ends.map(([, after]) => after))];
  });
  return { top: rows![0]!, bottom: rows![1]!, left: columns![0]!, right: columns![1]! };
}

/** One more than the last place that tiles of 4 outputs look at, those that begin at each place of the dilation. */
const tileReach = (length: number, dilation: number, pad: number): number =>
  Math.max(
    ...Array.from({ length: Math.min(dilation, length) }, (_, first) => {
      const outputs = Math.ceil(Math.ceil((length - first) / dilation) / 4) * 4;
      return first - pad + dilation * (outputs + 1) + 1;
    }),
  );
