import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import { type ConvolutionSpec, convolvedLength } from '../operations/index.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { f32, input, type OperationCase, output, updated } from '../testing/case.ts';
import { bitEqual } from '../testing/compare.ts';
import { compareCase, runCase } from '../testing/run-case.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { createCpuBackend } from './cpu-backend.ts';

interface Shape {
  /** Largest difference allowed, relative to the largest value. */
  bound?: number;
  batch?: number;
  group?: number;
  /** Channels a group. */
  inputs: number;
  outputs: number;
  /** [length, kernel, stride, pad, dilation] an axis; what is left out is 1, 1, 0, 1. */
  axes: readonly (readonly number[])[];
  relu?: number;
  accumulate?: boolean;
}

function convolutionCase({
  bound = 4e-6,
  batch = 1,
  group = 1,
  inputs,
  outputs,
  axes,
  relu,
  accumulate = false,
}: Shape): OperationCase {
  const at = (i: number, otherwise: number): number[] => axes.map((axis) => axis[i] ?? otherwise);
  const [length, kernel, stride, pad, dilation] = [at(0, 1), at(1, 1), at(2, 1), at(3, 0), at(4, 1)];
  const out = axes.map((_, i) => convolvedLength(length[i]!, kernel[i]!, stride[i]!, pad[i]!, dilation[i]!));
  const x = [batch, group * inputs, ...length];
  const w = [group * outputs, inputs, ...kernel];
  const y = [batch, group * outputs, ...out];
  const spec: ConvolutionSpec = { x: f32(x), w: f32(w), y: f32(y), stride, pad, dilation, group, bias: true };
  if (relu !== undefined) spec.relu = { slope: relu };
  const gradient = accumulate ? updated : output;
  return {
    name: `n=${batch} g=${group} ${inputs}>${outputs} ${axes.map((a) => a.join(',')).join(' x ')} relu=${relu} acc=${accumulate}`,
    arrays: {
      x: input(x),
      w: input(w),
      b: input(group * outputs),
      y: output(y, bound),
      dy: input(y),
      dx: output(x, bound),
      dw: gradient(w, bound),
      db: gradient(group * outputs, bound),
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
  };
}

const random = seededRandom(5);
const randomCases = Array.from({ length: 60 }, () => {
  const below = (n: number): number => 1 + random.integer(n);
  const axes = Array.from({ length: below(3) }, () => {
    const [kernel, dilation] = [below(4), below(2)];
    const reach = dilation * (kernel - 1) + 1;
    const pad = random.integer(3);
    return [Math.max(1, reach - 2 * pad) + random.integer(9), kernel, below(3), pad, dilation];
  });
  return convolutionCase({
    batch: below(3),
    group: below(3),
    inputs: below(6),
    outputs: below(9),
    axes,
    relu: ([undefined, 0, 0.1] as const)[random.integer(3)],
    accumulate: random.integer(2) === 1,
  });
});
/** Depthwise with stride 2 along rows: their gradients of x are upsample's (convolution-upsample.ts). */
const upsampleCases = Array.from({ length: 25 }, () => {
  const below = (n: number): number => 1 + random.integer(n);
  const axis = (stride: number, more: number): number[] => {
    const [kernel, dilation] = [below(5), below(3)];
    const pad = random.integer(4);
    return [Math.max(1, dilation * (kernel - 1) + 1 - 2 * pad) + random.integer(more), kernel, stride, pad, dilation];
  };
  return convolutionCase({
    batch: below(2),
    group: below(4),
    inputs: 1,
    outputs: 1,
    axes: [axis(below(3), 12), axis(2, 90)],
  });
});
const same3 = (length: number): number[] => [length, 3, 1, 1];
/** What the small ones do not reach. */
const largeCases: Record<string, OperationCase> = {
  'several passes over the channels': convolutionCase({ inputs: 75, outputs: 5, axes: [same3(6), same3(5)], relu: 0 }),
  'several strips': convolutionCase({ batch: 2, inputs: 16, outputs: 2, axes: [same3(90), same3(45)] }),
  'several strips, the last one shorter, stride 2': convolutionCase({
    inputs: 20,
    outputs: 3,
    axes: [
      [101, 3, 2, 1],
      [60, 3, 2, 1],
    ],
  }),
  'several images at once': convolutionCase({
    batch: 40,
    inputs: 3,
    outputs: 6,
    axes: [same3(4), same3(4)],
    accumulate: true,
  }),
  'shares of the output channels': convolutionCase({ inputs: 4, outputs: 150, axes: [same3(6), same3(6)], relu: 0.2 }),
  'a kernel as large as the image': convolutionCase({
    batch: 2,
    inputs: 20,
    outputs: 33,
    axes: [
      [7, 7],
      [7, 7],
    ],
  }),
  'a kernel as large as the image, ReLU': convolutionCase({
    batch: 5,
    inputs: 30,
    outputs: 20,
    axes: [
      [6, 6],
      [5, 5],
    ],
    relu: 0.1,
    accumulate: true,
  }),
  'one by one on one position': convolutionCase({ batch: 9, inputs: 70, outputs: 33, axes: [[1], [1]], relu: 0 }),
  'one by one': convolutionCase({ batch: 3, inputs: 400, outputs: 10, axes: [[7], [7]] }),
  'one by one, stride 2': convolutionCase({
    batch: 2,
    inputs: 5,
    outputs: 6,
    axes: [
      [9, 1, 2],
      [8, 1, 2],
    ],
  }),
  depthwise: convolutionCase({ batch: 3, group: 20, inputs: 1, outputs: 1, axes: [same3(30), same3(29)], relu: 0 }),
  'depthwise, stride 2': convolutionCase({
    batch: 2,
    group: 20,
    inputs: 1,
    outputs: 1,
    axes: [
      [28, 3, 2, 1],
      [28, 3, 2, 1],
    ],
  }),
  'depthwise, a large map doubled': convolutionCase({
    group: 2,
    inputs: 1,
    outputs: 1,
    axes: [
      [130, 4, 2, 1],
      [258, 4, 2, 1],
    ],
  }),
  'depthwise, rows longer than what is read of them': convolutionCase({
    inputs: 1,
    outputs: 1,
    axes: [
      [3, 2, 2, 4],
      [5, 2, 2, 40],
    ],
  }),
  'depthwise, dilated': convolutionCase({
    group: 3,
    inputs: 1,
    outputs: 1,
    axes: [
      [20, 3, 1, 2, 2],
      [20, 3, 1, 2, 2],
    ],
    accumulate: true,
  }),
  'depthwise, several strips': convolutionCase({ group: 1, inputs: 1, outputs: 1, axes: [same3(260), same3(231)] }),
  'a long line': convolutionCase({ batch: 2, inputs: 3, outputs: 4, axes: [[5000, 9, 3, 4]] }),
  'three axes': convolutionCase({ inputs: 6, outputs: 7, axes: [same3(12), same3(13), same3(14)] }),
  'no axis': convolutionCase({ batch: 5, inputs: 6, outputs: 7, axes: [] }),
};

/** Large enough for Winograd's way (convolution-winograd.ts): whole and cut tiles, each padding, odd numbers of channels, many channels. */
const winogradCases: Record<string, OperationCase> = {
  'whole tiles': convolutionCase({ batch: 4, inputs: 16, outputs: 16, axes: [same3(8), same3(8)], relu: 0 }),
  'cut tiles, groups': convolutionCase({
    batch: 7,
    group: 3,
    inputs: 17,
    outputs: 22,
    axes: [same3(7), same3(9)],
    relu: 0.1,
    accumulate: true,
  }),
  'no padding': convolutionCase({
    batch: 5,
    inputs: 19,
    outputs: 35,
    axes: [
      [11, 3],
      [8, 3],
    ],
  }),
  'padding 2 and 0': convolutionCase({
    batch: 3,
    group: 2,
    inputs: 16,
    outputs: 21,
    axes: [
      [9, 3, 1, 2],
      [14, 3, 1, 0],
    ],
  }),
  'planes of one value': convolutionCase({ batch: 40, inputs: 16, outputs: 18, axes: [same3(1), same3(1)], relu: 0 }),
  'one image, shares of the output channels': convolutionCase({
    inputs: 40,
    outputs: 130,
    axes: [same3(14), same3(13)],
  }),
  'several strips': convolutionCase({ inputs: 16, outputs: 17, axes: [same3(61), same3(66)] }),
  '512 channels': convolutionCase({
    bound: 1e-5,
    batch: 17,
    inputs: 512,
    outputs: 16,
    axes: [same3(3), same3(4)],
  }),
};

describe('convolution on the CPU backend', () => {
  const reference = createReferenceBackend();
  let backends: Backend[];
  beforeAll(async () => {
    backends = await Promise.all([1, 2, 3].map((threads) => createCpuBackend({ threads })));
  });
  afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

  const named = [
    ...[...randomCases, ...upsampleCases].map((test) => [`${test.name} (seed 5)`, test] as const),
    ...Object.entries(largeCases),
    ...Object.entries(winogradCases).map(([name, test]) => [`Winograd: ${name}`, test] as const),
  ];
  it.each(named)('%s', async (_, test) => {
    await compareCase(backends[1]!, reference, test);
    const [one, two, three] = await Promise.all(backends.map((backend) => runCase(backend, test)));
    for (const name of ['y', 'dx', 'dw', 'db']) {
      bitEqual(one![name]!, two![name]!, `${name} on 1 and 2 threads`);
      bitEqual(three![name]!, two![name]!, `${name} on 3 and 2 threads`);
    }
  });

  it('refuses shapes that do not fit', () => {
    const ones = { stride: [1, 1], pad: [0, 0], dilation: [1, 1], bias: false };
    const prepare =
      (x: number[], w: number[], y: number[], group = 1) =>
      () =>
        backends[0]!.convolution({ x: f32(x), w: f32(w), y: f32(y), group, ...ones });
    expect(prepare([1, 4, 5, 5], [2, 3, 3, 3], [1, 2, 3, 3])).toThrow(
      'convolution: 4 input and 2 output channels do not fit 1 groups of 3 inputs',
    );
    expect(prepare([1, 3, 5, 5], [2, 3, 3, 3], [1, 2, 5, 5])).toThrow(
      'convolution: y is 1,2,5,5; give it the shape 1,2,3,3',
    );
    expect(prepare([1, 3, 5], [2, 3, 3, 3], [1, 2, 3, 3])).toThrow('need the same number of axes');
  });
});
