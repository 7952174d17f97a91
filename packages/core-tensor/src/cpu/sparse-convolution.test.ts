import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import { type ConvolutionSpec, convolvedLength } from '../operations/index.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { Tensor } from '../tensor.ts';
import { f32, input, type OperationCase, output } from '../testing/case.ts';
import { bitEqual } from '../testing/compare.ts';
import { compareCase, runCase } from '../testing/run-case.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { createCpuBackend } from './cpu-backend.ts';

interface Shape {
  batch?: number;
  group?: number;
  /** Channels a group. */
  inputs: number;
  outputs: number;
  /** [length, kernel, stride, pad, dilation] of height and width; what is left out is 1, 1, 0, 1. */
  axes: readonly [readonly number[], readonly number[]];
  /** Share of the weights that are zero; `emptyRows`: the first output channels have no others. */
  zeros?: number;
  emptyRows?: number;
  relu?: number;
  bias?: boolean;
}

/** Forward three times (once on the reference): the sparse kernels come in with the second. */
function sparseCase(shape: Shape): OperationCase {
  const { batch = 1, group = 1, inputs, outputs, axes, zeros = 0.8, emptyRows = 0, relu, bias = true } = shape;
  const at = (i: number, otherwise: number): number[] => axes.map((axis) => axis[i] ?? otherwise);
  const [length, kernel, stride, pad, dilation] = [at(0, 1), at(1, 1), at(2, 1), at(3, 0), at(4, 1)];
  const out = axes.map((_, i) => convolvedLength(length[i]!, kernel[i]!, stride[i]!, pad[i]!, dilation[i]!));
  const x = [batch, group * inputs, ...length];
  const w = [group * outputs, inputs, ...kernel];
  const y = [batch, group * outputs, ...out];
  const spec: ConvolutionSpec = { x: f32(x), w: f32(w), y: f32(y), stride, pad, dilation, group, bias };
  if (relu !== undefined) spec.relu = { slope: relu };
  const row = inputs * kernel[0]! * kernel[1]!;
  return {
    name: `n=${batch} g=${group} ${inputs}>${outputs} ${axes.map((a) => a.join(',')).join(' x ')} zeros=${zeros} empty=${emptyRows} relu=${relu} bias=${bias}`,
    arrays: {
      x: input(x),
      w: input(w, (random, count) =>
        Float64Array.from({ length: count }, (_, i) =>
          i < emptyRows * row || random.uniform(0, 1) < zeros ? 0 : random.gaussian(),
        ),
      ),
      b: input(group * outputs),
      y: output(y, 4e-6),
    },
    prepare(backend) {
      const operation = backend.convolution(spec);
      return {
        forward(v) {
          const passes = backend.name === 'reference' ? 1 : 3;
          for (let pass = 0; pass < passes; pass++) operation.forward(v['x']!, v['w']!, v['b'], v['y']!);
        },
      };
    },
  };
}

const random = seededRandom(11);
const randomCases = Array.from({ length: 60 }, () => {
  const below = (n: number): number => 1 + random.integer(n);
  const axis = (): number[] => {
    const [kernel, dilation] = [below(5), below(4)];
    const reach = dilation * (kernel - 1) + 1;
    const pad = random.integer(6);
    return [Math.max(1, reach - 2 * pad) + random.integer(20), kernel, below(4), pad, dilation];
  };
  const outputs = below(9);
  return sparseCase({
    batch: below(3),
    group: below(3),
    inputs: below(6),
    outputs,
    axes: [axis(), axis()],
    zeros: ([0.6, 0.8, 0.95, 1] as const)[random.integer(4)]!,
    emptyRows: random.integer(outputs),
    relu: ([undefined, 0, 0.1] as const)[random.integer(3)],
    bias: random.integer(4) > 0,
  });
});
const same3 = (length: number): number[] => [length, 3, 1, 1];
const largeCases: Record<string, OperationCase> = {
  'several blocks of channels': sparseCase({ inputs: 150, outputs: 9, axes: [same3(14), same3(15)], relu: 0 }),
  'several strips': sparseCase({ inputs: 6, outputs: 20, axes: [same3(61), same3(66)] }),
  'several strips, stride 2': sparseCase({
    inputs: 5,
    outputs: 16,
    axes: [
      [101, 5, 2, 2],
      [90, 5, 2, 2],
    ],
  }),
  'dilated, groups': sparseCase({
    group: 4,
    inputs: 8,
    outputs: 9,
    axes: [
      [20, 3, 1, 2, 2],
      [21, 3, 1, 2, 2],
    ],
    relu: 0,
  }),
  'pads wider than the image': sparseCase({
    inputs: 3,
    outputs: 5,
    axes: [
      [3, 3, 1, 8, 8],
      [2, 3, 1, 8, 8],
    ],
  }),
  '7×7, many channels': sparseCase({ inputs: 200, outputs: 20, axes: [same3(7), same3(7)], relu: 0 }),
  'lapped lines': sparseCase({ batch: 2, inputs: 7, outputs: 40, axes: [same3(20), same3(96)], relu: 0.1 }),
  'lapped lines, rows that do not fill them': sparseCase({ inputs: 9, outputs: 40, axes: [same3(13), same3(95)] }),
  'straight to y': sparseCase({ inputs: 5, outputs: 17, axes: [same3(9), same3(191)], relu: 0, bias: false }),
  'straight to y, several strips': sparseCase({ batch: 2, inputs: 9, outputs: 40, axes: [same3(41), same3(379)] }),
  'a slope, so not straight to y': sparseCase({ inputs: 3, outputs: 17, axes: [same3(9), same3(190)], relu: 0.1 }),
  'lapped lines, 5×5, stride 2, groups': sparseCase({
    group: 2,
    inputs: 3,
    outputs: 24,
    axes: [
      [60, 5, 2, 2],
      [142, 5, 2, 2],
    ],
    relu: 0,
  }),
  'one by one': sparseCase({ batch: 2, inputs: 70, outputs: 33, axes: [[9], [13]] }),
  depthwise: sparseCase({ batch: 2, group: 12, inputs: 1, outputs: 1, axes: [same3(30), same3(29)] }),
  'no weights at all': sparseCase({ inputs: 6, outputs: 7, axes: [same3(9), same3(9)], zeros: 1, relu: 0 }),
};

describe('sparse convolution on the CPU backend', () => {
  const reference = createReferenceBackend();
  let backends: Backend[];
  beforeAll(async () => {
    backends = await Promise.all([
      ...[1, 2, 3].map((threads) => createCpuBackend({ threads, sparseKernels: 'always' })),
      createCpuBackend({ threads: 1, relaxedSimd: false, sparseKernels: 'always' }),
    ]);
  });
  afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

  const named = [
    ...randomCases.map((test) => [`${test.name} (seed 11)`, test] as const),
    ...Object.entries(largeCases),
  ];
  it.each(named)('%s', async (_, test) => {
    await compareCase(backends[1]!, reference, test);
    await compareCase(backends[3]!, reference, test);
    const [one, two, three] = await Promise.all(backends.slice(0, 3).map((backend) => runCase(backend, test)));
    bitEqual(one!['y']!, two!['y']!, 'y on 1 and 2 threads');
    bitEqual(three!['y']!, two!['y']!, 'y on 3 and 2 threads');
  });
});

// Zeros times infinity tell the kernels apart: sparse ones leave them out.
describe('sparse kernels come in', () => {
  async function subject(sparseKernels: boolean | 'always') {
    const backend = await createCpuBackend({ threads: 1, sparseKernels });
    const x = new Tensor(backend, [1, 2, 6, 6]);
    const w = new Tensor(backend, [4, 2, 3, 3]);
    const y = new Tensor(backend, [1, 4, 4, 4]);
    x.data.hostWrite().fill(Number.POSITIVE_INFINITY);
    const operation = backend.convolution({
      ...{ x: x.spec, w: w.spec, y: y.spec, stride: [1, 1], pad: [0, 0], dilation: [1, 1], group: 1, bias: false },
    });
    const isSparse = (): boolean => {
      operation.forward(x.data, w.data, undefined, y.data);
      return !Number.isNaN(y.data.hostRead()[0]!);
    };
    return { backend, operation, x, w, y, isSparse };
  }

  it('with the second pass on the same weights, and leave when these change', async () => {
    const { backend, w, isSparse } = await subject('always');
    expect([isSparse(), isSparse(), isSparse()]).toEqual([false, true, true]);
    w.data.hostUpdate()[70] = 1;
    expect([isSparse(), isSparse()]).toEqual([false, true]);
    w.data.hostWrite().fill(0).fill(1, 0, 40);
    expect([isSparse(), isSparse(), isSparse()]).toEqual([true, true, true]); // ∞ times 1: dense, without NaN
    w.data.hostWrite().fill(0).fill(1, 10);
    expect([isSparse(), isSparse(), isSparse()]).toEqual([false, false, false]); // less than 30 % zeros
    await backend.dispose();
  });

  it('never where a gradient was asked for, nor where they are switched off', async () => {
    const trained = await subject('always');
    trained.operation.backwardData(trained.y.data, trained.w.data, trained.x.diff);
    expect([trained.isSparse(), trained.isSparse(), trained.isSparse()]).toEqual([false, false, false]);
    await trained.backend.dispose();
    const off = await subject(false);
    expect([off.isSparse(), off.isSparse(), off.isSparse()]).toEqual([false, false, false]);
    await off.backend.dispose();
  });

  it('where they are measured to be faster', async () => {
    const backend = await createCpuBackend({ threads: 1 });
    const [x, w, y] = [
      [1, 64, 40, 40],
      [64, 64, 3, 3],
      [1, 64, 40, 40],
    ].map((shape) => new Tensor(backend, shape));
    x!.data.hostWrite().fill(Number.POSITIVE_INFINITY);
    w!.data.hostWrite()[5000] = 1; // one weight of 36,864
    const operation = backend.convolution({
      ...{ x: x!.spec, w: w!.spec, y: y!.spec, stride: [1, 1], pad: [4, 4], dilation: [4, 4], group: 1, bias: false },
    });
    const results = [0, 1, 2].map(() => {
      operation.forward(x!.data, w!.data, undefined, y!.data);
      return Number.isNaN(y!.data.hostRead()[0]!);
    });
    expect(results).toEqual([true, false, false]);
    await backend.dispose();
  });

  it('refuses other words', async () => {
    await expect(createCpuBackend({ sparseKernels: 'sometimes' as 'always' })).rejects.toThrow(
      "sparseKernels is sometimes; use true, false or 'always'",
    );
  });
});
