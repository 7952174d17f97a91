import { type ConvolutionSpec, convolvedLength } from '../../operations/index.ts';
import { countOf } from '../../tensor.ts';
import { type CaseTable, f32, input, type OperationCase, output, updated } from '../case.ts';

interface Shape {
  x: readonly number[];
  outputs: number;
  kernel: readonly number[];
  stride?: readonly number[];
  pad?: readonly number[];
  dilation?: readonly number[];
  group?: number;
  bias?: boolean;
  relu?: number;
  accumulate?: boolean;
}

function convolutionCase(shape: Shape, gradient = false): OperationCase {
  const { x, outputs, kernel, group = 1, bias = true, relu, accumulate = false } = shape;
  const ones = kernel.map(() => 1);
  const { stride = ones, pad = ones.map(() => 0), dilation = ones } = shape;
  const out = kernel.map((k, axis) => convolvedLength(x[axis + 2]!, k, stride[axis]!, pad[axis]!, dilation[axis]!));
  const w = [outputs, x[1]! / group, ...kernel];
  const y = [x[0]!, outputs, ...out];
  const spec: ConvolutionSpec = { x: f32(x), w: f32(w), y: f32(y), stride, pad, dilation, group, bias };
  if (relu !== undefined) spec.relu = { slope: relu };
  const bound = 3e-6;
  const gradientArray = accumulate ? updated : output;
  const parts = [`x=${x.join('x')} out=${outputs} k=${kernel.join('x')}`];
  if (stride.some((s) => s !== 1)) parts.push(`s=${stride.join('x')}`);
  if (pad.some((p) => p !== 0)) parts.push(`p=${pad.join('x')}`);
  if (dilation.some((d) => d !== 1)) parts.push(`d=${dilation.join('x')}`);
  if (group !== 1) parts.push(`g=${group}`);
  if (!bias) parts.push('no bias');
  if (relu !== undefined) parts.push(`relu=${relu}`);
  if (accumulate) parts.push('accumulate');
  const flops = 2 * countOf(y) * countOf(w.slice(1));
  const bytes = 4 * (countOf(x) + countOf(w) + countOf(y));
  return {
    name: parts.join(' '),
    arrays: {
      x: input(x),
      w: input(w),
      ...(bias ? { b: input(outputs) } : {}),
      y: output(y, bound),
      dy: input(y),
      dx: output(x, bound),
      dw: gradientArray(w, bound),
      ...(bias ? { db: gradientArray(outputs, bound) } : {}),
    },
    prepare(backend) {
      const operation = backend.convolution(spec);
      return {
        forward: (v) => operation.forward(v['x']!, v['w']!, v['b'], v['y']!),
        backward(v) {
          operation.backwardData(v['dy']!, v['w']!, v['dx']!);
          operation.backwardWeights(v['x']!, v['dy']!, v['dw'], v['db'], { accumulate });
        },
      };
    },
    ...(gradient ? { gradientOf: bias ? ['x', 'w', 'b'] : ['x', 'w'] } : {}),
    work: { forward: { bytes, flops }, backward: { bytes: 2 * bytes, flops: 2 * flops } },
  };
}

const widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17];
const same3 = { kernel: [3, 3], pad: [1, 1] };

export const convolutionCases: CaseTable = {
  operation: 'convolution',
  cases: [
    ...widths.map((width) => convolutionCase({ x: [1, 2, 3, width], outputs: 3, ...same3 })),
    ...widths.map((channels) => convolutionCase({ x: [1, channels, 4, 4], outputs: 2, kernel: [1, 1] })),
    ...widths.map((outputs) => convolutionCase({ x: [1, 2, 4, 4], outputs, ...same3 })),
    ...widths.map((width) => convolutionCase({ x: [2, 3, 4, width], outputs: 3, group: 3, ...same3 })),
    convolutionCase({ x: [2, 4, 5, 6], outputs: 6, kernel: [3, 3] }, true),
    convolutionCase({ x: [2, 4, 5, 6], outputs: 6, kernel: [3, 2], stride: [2, 1], pad: [1, 0], group: 2 }, true),
    convolutionCase({ x: [1, 2, 7, 8], outputs: 2, kernel: [3, 3], dilation: [2, 2], pad: [2, 2] }, true),
    convolutionCase({ x: [2, 3, 5, 5], outputs: 3, group: 3, ...same3 }, true),
    convolutionCase({ x: [2, 2, 4, 5], outputs: 4, group: 2, ...same3, bias: false }, true),
    convolutionCase({ x: [2, 2, 7], outputs: 3, kernel: [3], stride: [2], pad: [1] }, true),
    convolutionCase({ x: [1, 2, 3, 4, 5], outputs: 2, kernel: [2, 3, 3], pad: [1, 1, 0] }, true),
    convolutionCase({ x: [2, 3, 32, 32], outputs: 8, kernel: [5, 5], pad: [2, 2] }),
    convolutionCase({ x: [1, 16, 14, 14], outputs: 32, ...same3 }),
    convolutionCase({ x: [3, 32, 8, 8], outputs: 16, kernel: [1, 1], bias: false }),
    convolutionCase({ x: [2, 8, 8, 8], outputs: 32, group: 4, ...same3, accumulate: true }),
    convolutionCase({ x: [2, 8, 13, 11], outputs: 8, group: 8, kernel: [3, 3], stride: [2, 2], pad: [1, 1] }),
    convolutionCase({ x: [2, 8, 13, 11], outputs: 8, group: 8, kernel: [5, 5], pad: [2, 2], accumulate: true }),
    convolutionCase({ x: [2, 8, 15, 15], outputs: 8, group: 8, kernel: [3, 3], pad: [4, 4], dilation: [4, 4] }),
    convolutionCase({ x: [2, 4, 9, 9], outputs: 8, kernel: [1, 1], stride: [2, 2] }),
    convolutionCase({ x: [1, 3, 23, 23], outputs: 4, kernel: [11, 11], stride: [4, 4] }),
    convolutionCase({ x: [2, 4, 6, 6], outputs: 5, ...same3, relu: 0 }),
    convolutionCase({ x: [2, 4, 6, 6], outputs: 4, group: 4, ...same3, relu: 0.1 }),
    convolutionCase({ x: [2, 2, 2, 2], outputs: 2, kernel: [2, 2], pad: [5, 5], stride: [3, 3] }),
    convolutionCase({ x: [0, 2, 4, 4], outputs: 2, ...same3 }),
    convolutionCase({ x: [1, 2, 6, 6], outputs: 2, ...same3, accumulate: true }),
    // Several strips, the last one shorter and with an odd number of vectors.
    convolutionCase({ x: [1, 8, 79, 84], outputs: 3, kernel: [1, 1] }),
  ],
  bench: [
    convolutionCase({ x: [64, 3, 32, 32], outputs: 32, kernel: [5, 5], pad: [2, 2] }),
    convolutionCase({ x: [64, 32, 32, 32], outputs: 32, group: 4, ...same3 }),
    convolutionCase({ x: [64, 32, 32, 32], outputs: 64, ...same3 }),
    convolutionCase({ x: [64, 128, 16, 16], outputs: 128, group: 4, ...same3 }),
    convolutionCase({ x: [64, 256, 8, 8], outputs: 512, ...same3 }),
    convolutionCase({ x: [16, 128, 32, 32], outputs: 128, group: 128, ...same3 }),
    convolutionCase({ x: [16, 128, 32, 32], outputs: 256, kernel: [1, 1] }),
  ],
};
