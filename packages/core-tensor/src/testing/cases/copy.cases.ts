import type { CopySpec } from '../../operations/index.ts';
import { type CaseTable, input, type OperationCase, tailCounts, updated } from '../case.ts';

interface Options {
  xOffset?: number;
  yOffset?: number;
  accumulate?: boolean;
}

function copyCase(spec: CopySpec, options: Options = {}): OperationCase {
  const { outer, length, xStride, yStride } = spec;
  const { xOffset = 0, yOffset = 0, accumulate = false } = options;
  const parts = [`${outer}x${length} strides=${xStride},${yStride}`];
  if (xOffset !== 0 || yOffset !== 0) parts.push(`offsets=${xOffset},${yOffset}`);
  if (accumulate) parts.push('accumulate');
  const span = (offset: number, stride: number): number => offset + (outer === 0 ? 0 : (outer - 1) * stride + length);
  return {
    name: parts.join(' '),
    arrays: {
      x: input(span(xOffset, xStride)),
      y: updated(span(yOffset, yStride) + 5, yStride < length && outer > 1 ? 1e-6 : 'exact'), // values between and behind the runs stay
    },
    prepare(backend) {
      const operation = backend.copy(spec);
      return { forward: (v) => operation.run(v['x']!, v['y']!, options) };
    },
    work: { forward: { bytes: 8 * outer * length } },
  };
}

/** Channels of n images of 5×3, from one array to another. */
function channelsCase(
  n: number,
  [from, to, channels]: readonly [from: number, to: number, channels: number],
  [first, target]: readonly [first: number, target: number],
  accumulate = false,
): OperationCase {
  const plane = 15;
  const spec = { outer: n, length: channels * plane, xStride: from * plane, yStride: to * plane };
  const options = { xOffset: first * plane, yOffset: target * plane, accumulate };
  return {
    name: `${n} images channels ${first} of ${from} to ${target} of ${to}, ${channels}${accumulate ? ', accumulate' : ''}`,
    arrays: { x: input(n * spec.xStride), y: updated(n * spec.yStride, 'exact') },
    prepare(backend) {
      const operation = backend.copy(spec);
      return { forward: (v) => operation.run(v['x']!, v['y']!, options) };
    },
  };
}

export const copyCases: CaseTable = {
  operation: 'copy',
  cases: [
    ...tailCounts.map((length) => copyCase({ outer: 1, length, xStride: 0, yStride: 0 })),
    ...tailCounts.map((length) => copyCase({ outer: 1, length, xStride: 0, yStride: 0 }, { accumulate: true })),
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((length) =>
      copyCase({ outer: 3, length, xStride: length + 2, yStride: length + 1 }, { xOffset: 3, yOffset: 1 }),
    ),
    copyCase({ outer: 0, length: 4, xStride: 4, yStride: 4 }),
    copyCase({ outer: 5, length: 6, xStride: 0, yStride: 6 }), // tiling: one run many times
    copyCase({ outer: 6, length: 9, xStride: 9, yStride: 0 }, { accumulate: true }), // the gradient of tiling
    copyCase({ outer: 7, length: 10, xStride: 10, yStride: 30 }, { yOffset: 10, accumulate: true }),
    channelsCase(2, [16, 48, 16], [0, 32]),
    channelsCase(2, [24, 40, 24], [0, 16]),
    channelsCase(3, [20, 52, 20], [0, 32], true),
    channelsCase(3, [20, 52, 20], [0, 31]),
    channelsCase(2, [64, 32, 32], [16, 0]),
    channelsCase(2, [70, 22, 22], [48, 0]),
    channelsCase(1, [70, 22, 22], [40, 0]),
    channelsCase(1, [64, 80, 32], [32, 16]),
    copyCase({ outer: 40, length: 300, xStride: 300, yStride: 700 }, { yOffset: 400 }),
  ],
  bench: [copyCase({ outer: 64, length: 1 << 14, xStride: 1 << 14, yStride: 1 << 15 })],
};
