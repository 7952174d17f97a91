import type { SoftmaxSpec } from '../../operations/index.ts';
import { type CaseArray, type CaseTable, given, input, type OperationCase, output, uniform, updated } from '../case.ts';

interface Options {
  gradient?: boolean;
  x?: CaseArray;
  name?: string;
  /** Where y is 0 or 1 as near as f32 goes, dx is what rounding leaves: only y is compared. */
  forwardOnly?: boolean;
}

function softmaxCase(
  spec: SoftmaxSpec,
  { gradient = false, x, name, forwardOnly = false }: Options = {},
): OperationCase {
  const { outer, channels, inner } = spec;
  const count = outer * channels * inner;
  const bytes = 4 * count;
  return {
    name: `${outer}x${channels}x${inner}${name === undefined ? '' : ` ${name}`}`,
    arrays: {
      x: x ?? input(count),
      y: output(count, 3e-6),
      ...(forwardOnly ? {} : { dy: input(count), dx: output(count, 5e-6) }),
    },
    prepare(backend) {
      const operation = backend.softmax(spec);
      return {
        forward: (v) => operation.forward(v['x']!, v['y']!),
        ...(forwardOnly ? {} : { backward: (v) => operation.backward(v['y']!, v['dy']!, v['dx']!) }),
      };
    },
    ...(gradient ? { gradientOf: ['x'] } : {}),
    work: { forward: { bytes: 2 * bytes }, backward: { bytes: 3 * bytes } },
  };
}

function inPlaceCase(spec: SoftmaxSpec): OperationCase {
  const { outer, channels, inner } = spec;
  const count = outer * channels * inner;
  return {
    name: `${outer}x${channels}x${inner} in place`,
    arrays: { x: updated(count, 3e-6), dy: updated(count, 5e-6) },
    prepare(backend) {
      const operation = backend.softmax(spec);
      return {
        forward: (v) => operation.forward(v['x']!, v['x']!),
        backward: (v) => operation.backward(v['x']!, v['dy']!, v['dy']!),
      };
    },
  };
}

const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 33];
const infinite = Number.POSITIVE_INFINITY;

export const softmaxCases: CaseTable = {
  operation: 'softmax',
  cases: [
    ...lengths.map((channels) => softmaxCase({ outer: 3, channels, inner: 1 })),
    ...lengths.map((inner) => softmaxCase({ outer: 2, channels: 5, inner })),
    softmaxCase({ outer: 4, channels: 6, inner: 1 }, { gradient: true }),
    softmaxCase({ outer: 2, channels: 4, inner: 3 }, { gradient: true }),
    softmaxCase({ outer: 0, channels: 4, inner: 3 }),
    softmaxCase({ outer: 2, channels: 1000, inner: 1 }),
    softmaxCase({ outer: 2, channels: 21, inner: 300 }),
    softmaxCase({ outer: 3, channels: 16, inner: 35 }),
    softmaxCase({ outer: 1, channels: 48, inner: 90 }),
    softmaxCase(
      { outer: 4, channels: 10, inner: 1 },
      { x: input(40, uniform(-100, 100)), name: 'wide range', forwardOnly: true },
    ),
    softmaxCase(
      { outer: 2, channels: 3, inner: 5 },
      { x: input(30, uniform(1e30, 2e30)), name: 'huge values', forwardOnly: true },
    ),
    softmaxCase(
      { outer: 2, channels: 5, inner: 1 },
      { x: input(10, given(-infinite, 1, 2, -infinite, 3)), name: 'with -infinity' },
    ),
    inPlaceCase({ outer: 3, channels: 10, inner: 1 }),
    inPlaceCase({ outer: 2, channels: 4, inner: 9 }),
  ],
  bench: [softmaxCase({ outer: 256, channels: 1000, inner: 1 }), softmaxCase({ outer: 4, channels: 21, inner: 65536 })],
};
