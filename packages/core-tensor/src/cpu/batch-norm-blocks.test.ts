import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelBlocks } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import { closeTo, createReferenceBackend, seededRandom } from '../testing/index.ts';
import { Values } from '../values.ts';
import { type CpuBackend, createCpuBackend } from './cpu-backend.ts';

const seed = 7;
type Array4 = readonly [number, number, number, number];

/** Where a value of N,C,H,W lies in blocks, and how many there are with padding. */
function blocked([batch, channels, height, width]: Array4, { block, groups }: ChannelBlocks) {
  const each = channels / groups;
  const blocks = Math.ceil(each / block);
  const plane = height * width;
  const at = (n: number, c: number, i: number): number => {
    const [group, inGroup] = [Math.floor(c / each), c % each];
    const row = (group * batch + n) * blocks + Math.floor(inGroup / block);
    return (row * plane + i) * block + (inGroup % block);
  };
  return { at, count: groups * batch * blocks * plane * block };
}

function forEachValue(
  [batch, channels, height, width]: Array4,
  visit: (n: number, c: number, i: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) for (let i = 0; i < height * width; i++) visit(n, c, i);
  }
}

/** All passes on the reference backend, and on blocks; results as plain values by name. */
function run(
  backend: CpuBackend,
  shape: Array4,
  layouts: Record<'x' | 'y' | 'dy' | 'dx', ChannelBlocks>,
  slope?: number,
) {
  const random = seededRandom(seed);
  const plain = createReferenceBackend();
  const [, channels, height, width] = shape;
  const plane = height * width;
  const spec = {
    ...{ x: { shape, dataType: 'f32' as const }, eps: 1e-4, scale: true, bias: true },
    ...(slope === undefined ? {} : { relu: { slope } }),
  };
  const theirs = plain.batchNorm(spec);
  const ours = backend.ofBlocks.batchNorm(spec);
  const parameter = (fill: () => number) => {
    const made = Array.from({ length: channels }, fill);
    return [plain, backend].map((of) => {
      const values = new Values(of, channels);
      values.hostWrite().set(made);
      return values;
    }) as [Values, Values];
  };
  const big = (fill: () => number) => {
    const values = new Values(plain, countOf(shape));
    values.hostWrite().forEach((_, i, all) => {
      all[i] = fill();
    });
    return values;
  };
  const [x, y, dy, dx] = [big(() => 3 + random.gaussian()), big(() => 0), big(() => random.gaussian()), big(() => 0)];
  const arrays = { x, y, dy, dx };
  const memories = Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => {
      const layout = blocked(shape, layouts[name as 'x']);
      const memory = new Values(backend, layout.count);
      const target = memory.hostWrite();
      forEachValue(shape, (n, c, i) => {
        target[layout.at(n, c, i)] = values.hostRead()[(n * channels + c) * plane + i]!;
      });
      ours.place(name as 'x', memory.address, layouts[name as 'x']);
      return [name, { memory, layout }];
    }),
  );
  const [scale, bias, mean, invStd] = [() => 1 + random.uniform(), () => random.gaussian(), () => 0, () => 0].map(
    parameter,
  );
  const [runningMean, runningVariance, dScale, dBias, variance] = [
    ...[() => random.gaussian(), () => 1 + random.uniform(), () => 5, () => 6, () => 0.5 + random.uniform()].map(
      parameter,
    ),
  ];
  const running = { keep: 0.9, add: 0.1, varianceCorrection: 1.1 };
  const results: Record<string, [Float32Array, Float32Array]> = {};
  const pick = (i: 0 | 1, pairs: Record<string, [Values, Values] | undefined>) =>
    Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair![i]])) as Record<string, Values>;
  const keep = (pass: string, name: 'y' | 'dx') => {
    const { memory, layout } = memories[name]!;
    const values = new Float32Array(countOf(shape));
    forEachValue(shape, (n, c, i) => {
      values[(n * channels + c) * plane + i] = memory.hostRead()[layout.at(n, c, i)]!;
    });
    results[`${pass} ${name}`] = [values, arrays[name].hostRead<Float32Array>().slice()];
  };
  const training = { scale, bias, mean, invStd, runningMean, runningVariance };
  theirs.forwardTraining({ x, y, ...pick(0, training) } as never, running);
  ours.forwardTraining(pick(1, training) as never, running);
  keep('training', 'y');
  const gradients = { scale, mean, invStd, dScale, dBias };
  theirs.backwardTraining({ x, y, dy, dx, ...pick(0, gradients) } as never, { accumulate: true });
  ours.backwardTraining(pick(1, gradients) as never, { accumulate: true });
  keep('training', 'dx');
  const global = { scale, bias, mean, variance };
  theirs.forwardGlobal({ x, y, ...pick(0, global) } as never, { statisticsFactor: 0.5 });
  ours.forwardGlobal(pick(1, global) as never, { statisticsFactor: 0.5 });
  keep('global', 'y');
  theirs.backwardGlobal({ y, dy, dx, ...pick(0, { scale, variance }) } as never, { statisticsFactor: 0.5 });
  ours.backwardGlobal(pick(1, { scale, variance }) as never, { statisticsFactor: 0.5 });
  keep('global', 'dx');
  for (const [name, pair] of Object.entries({ mean, invStd, runningMean, runningVariance, dScale, dBias })) {
    results[name] = [pair![1].hostRead<Float32Array>().slice(), pair![0].hostRead<Float32Array>().slice()];
  }
  return results;
}

const all = (block: 8 | 16, groups = 1) => {
  const blocks = { block, groups };
  return { x: blocks, y: blocks, dy: blocks, dx: blocks };
};

describe(`batch norm of channels in blocks (seed ${seed})`, () => {
  let one: CpuBackend;
  let three: CpuBackend;
  beforeAll(async () => {
    one = await createCpuBackend({ threads: 1 });
    three = await createCpuBackend({ threads: 3 });
  });
  afterAll(() => Promise.all([one.dispose(), three.dispose()]));

  it.each([
    ['blocks of 16', [3, 32, 5, 7], all(16), undefined],
    ['blocks of 16, the last not full, ReLU', [3, 20, 5, 7], all(16), 0],
    ['blocks of 8, ReLU with a slope', [2, 32, 3, 3], all(8), 0.1],
    ['more pixels than fit at once', [1, 16, 17, 33], all(16), 0],
    ['groups', [3, 64, 3, 5], all(16, 2), 0],
    [
      'each array in a layout of its own',
      [2, 64, 3, 3],
      { x: { block: 16, groups: 2 }, y: { block: 8, groups: 1 }, dy: { block: 16, groups: 4 }, dx: all(16).x },
      0,
    ],
  ] as const)('%s', (_, shape, layouts, slope) => {
    const alone = run(one, shape, layouts, slope);
    for (const [name, [ours, theirs]] of Object.entries(alone)) closeTo(ours, theirs, 5e-6, name);
    const together = run(three, shape, layouts, slope);
    for (const [name, [ours]] of Object.entries(together)) expect(ours, name).toEqual(alone[name]![0]);
  });

  it('NaN stays NaN behind a ReLU', () => {
    const operation = one.ofBlocks.batchNorm({
      ...{ x: { shape: [1, 16, 2, 2], dataType: 'f32' }, eps: 1e-4, scale: false, bias: false, relu: { slope: 0 } },
    });
    const [x, y, mean, invStd] = [64, 64, 16, 16].map((count) => new Values(one, count)) as [
      Values,
      Values,
      Values,
      Values,
    ];
    x.hostWrite().fill(1);
    x.hostUpdate()[16 + 5] = Number.NaN; // a pixel of channel 5
    operation.place('x', x.address, { block: 16, groups: 1 });
    operation.place('y', y.address, { block: 16, groups: 1 });
    operation.forwardTraining({ mean, invStd });
    const missing = Array.from(y.hostRead<Float32Array>(), (value) => Number.isNaN(value));
    expect(missing).toEqual(missing.map((_, i) => i % 16 === 5));
  });
});
