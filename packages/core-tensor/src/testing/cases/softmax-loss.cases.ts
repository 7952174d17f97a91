import type { SoftmaxLossSpec } from '../../operations/index.ts';
import {
  type CaseArray,
  type CaseTable,
  given,
  input,
  integers,
  type OperationCase,
  output,
  uniform,
} from '../case.ts';

interface Options {
  label?: CaseArray;
  weighted?: boolean;
  x?: CaseArray;
  name?: string;
  /** The probabilities are there already. */
  given?: boolean;
}

function softmaxLossCase(spec: SoftmaxLossSpec, options: Options = {}): OperationCase {
  const { outer, channels, inner, ignoreLabel } = spec;
  const { weighted = false, given: isGiven = false } = options;
  const count = outer * channels * inner;
  const parts = [`${outer}x${channels}x${inner}`];
  if (ignoreLabel !== undefined) parts.push(`ignore=${ignoreLabel}`);
  if (weighted) parts.push('weighted');
  if (isGiven) parts.push('of given probabilities');
  if (options.name !== undefined) parts.push(options.name);
  return {
    name: parts.join(' '),
    arrays: {
      ...(isGiven ? {} : { x: options.x ?? input(count) }),
      label: options.label ?? input(outer * inner, integers(channels)),
      ...(weighted ? { labelWeights: input(channels, uniform(0.5, 3)) } : {}),
      prob: isGiven ? input(count, uniform(0.05, 1)) : output(count, 3e-6),
      parts: output(4, 5e-6),
      dx: output(count, 3e-6),
    },
    prepare(backend) {
      const operation = backend.softmaxLoss(spec);
      return {
        forward: (v) =>
          operation.forward({
            x: v['x'],
            label: v['label']!,
            prob: v['prob']!,
            parts: v['parts']!,
            labelWeights: v['labelWeights'],
          }),
        backward: (v) => operation.backward({ prob: v['prob']!, label: v['label']!, dx: v['dx']! }, 0.5),
      };
    },
    work: { forward: { bytes: 8 * count }, backward: { bytes: 8 * count } },
  };
}

/** The loss itself, parts[0], differentiated numerically; dx has the factor 1 and overwrites prob. */
function gradientCase(spec: SoftmaxLossSpec): OperationCase {
  const { outer, channels, inner } = spec;
  const count = outer * channels * inner;
  return {
    name: `${outer}x${channels}x${inner} gradient, dx over prob`,
    arrays: {
      x: input(count),
      label: input(outer * inner, integers(channels)),
      y: output(1, 5e-6),
      dy: input(1, given(1)),
      parts: output(4, 5e-6),
      dx: output(count, 3e-6),
    },
    prepare(backend) {
      const operation = backend.softmaxLoss(spec);
      const first = backend.copy({ outer: 1, length: 1, xStride: 0, yStride: 0 });
      const scale = backend.scaleBias({ outer: 1, channels: 1, inner: count, scale: true, bias: false });
      return {
        forward(v) {
          operation.forward({ x: v['x']!, label: v['label']!, prob: v['dx']!, parts: v['parts']! });
          first.run(v['parts']!, v['y']!);
        },
        backward(v) {
          operation.forward({ x: v['x']!, label: v['label']!, prob: v['dx']!, parts: v['parts']! });
          operation.backward({ prob: v['dx']!, label: v['label']!, dx: v['dx']! }, 1);
          scale.forward({ x: v['dx']!, y: v['dx']!, scale: v['dy']! });
        },
      };
    },
    gradientOf: ['x'],
  };
}

const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17];
const nan = Number.NaN;

export const softmaxLossCases: CaseTable = {
  operation: 'softmaxLoss',
  cases: [
    ...lengths.map((channels) => softmaxLossCase({ outer: 4, channels, inner: 1 })),
    ...lengths.map((inner) => softmaxLossCase({ outer: 2, channels: 3, inner })),
    ...lengths.map((outer) => softmaxLossCase({ outer, channels: 10, inner: 1 })),
    softmaxLossCase({ outer: 64, channels: 10, inner: 1 }, { weighted: true }),
    softmaxLossCase({ outer: 2, channels: 5, inner: 33, ignoreLabel: 2 }, { weighted: true }),
    softmaxLossCase(
      { outer: 6, channels: 4, inner: 3, ignoreLabel: 255 },
      { label: input(18, given(255, 1, 3, 255, 0)) },
    ),
    softmaxLossCase({ outer: 3, channels: 4, inner: 1, ignoreLabel: -1 }, { label: input(3, given(-1)) }),
    softmaxLossCase(
      { outer: 8, channels: 4, inner: 1, ignoreLabel: -1 },
      { label: input(8, given(0, -1, 3, 4, 1.5, -2, nan, 2)), name: 'labels out of range' },
    ),
    softmaxLossCase(
      { outer: 2, channels: 3, inner: 1 },
      { x: input(6, given(0, 200, -200)), label: input(2, given(0, 2)), name: 'probability below FLT_MIN' },
    ),
    softmaxLossCase({ outer: 0, channels: 3, inner: 2 }),
    softmaxLossCase({ outer: 2, channels: 32, inner: 45 }),
    softmaxLossCase({ outer: 2, channels: 7, inner: 9 }, { given: true, weighted: true }),
    softmaxLossCase({ outer: 2, channels: 21, inner: 500, ignoreLabel: 255 }),
    gradientCase({ outer: 3, channels: 5, inner: 1 }),
    gradientCase({ outer: 2, channels: 4, inner: 3 }),
  ],
  bench: [
    softmaxLossCase({ outer: 64, channels: 10, inner: 1 }),
    softmaxLossCase({ outer: 4, channels: 21, inner: 65536 }),
  ],
};
