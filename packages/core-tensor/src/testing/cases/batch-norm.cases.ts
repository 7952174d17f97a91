import type { BatchNormSpec } from '../../operations/index.ts';
import { countOf } from '../../tensor.ts';
import { type CaseArray, type CaseTable, f32, input, type OperationCase, output, uniform, updated } from '../case.ts';

interface Shape {
  x: readonly number[];
  affine?: boolean;
  relu?: number;
}

const bound = 5e-6;

function specOf({ x, affine = true, relu }: Shape): BatchNormSpec {
  const spec: BatchNormSpec = { x: f32(x), eps: 1e-4, scale: affine, bias: affine };
  if (relu !== undefined) spec.relu = { slope: relu };
  return spec;
}

function nameOf({ x, affine = true, relu }: Shape, more: string): string {
  const parts = [`${more} x=${x.join('x')}`];
  if (affine) parts.push('affine');
  if (relu !== undefined) parts.push(`relu=${relu}`);
  return parts.join(' ');
}

function trainingCase(shape: Shape, gradient = false): OperationCase {
  const { x, affine = true, relu } = shape;
  const channels = x[1] ?? 1;
  const bytes = 4 * countOf(x);
  return {
    name: nameOf(shape, 'training'),
    arrays: {
      x: input(x),
      ...(affine ? { scale: input(channels, uniform(0.5, 2)), bias: input(channels) } : {}),
      mean: output(channels, bound),
      invStd: output(channels, bound),
      runningMean: updated(channels, bound),
      runningVariance: updated(channels, bound, uniform(0, 2)),
      y: output(x, bound),
      dy: input(x),
      // Two values a channel always normalise to ±1: dx is then what eps leaves of dy.
      dx: output(x, countOf(x) === 2 * channels ? 1e-3 : bound),
      ...(affine ? { dscale: output(channels, bound), dbias: output(channels, bound) } : {}),
    },
    prepare(backend) {
      const operation = backend.batchNorm(specOf(shape));
      const running = { keep: 0.99, add: 0.01, varianceCorrection: 1.25 };
      return {
        forward: (v) =>
          operation.forwardTraining(
            {
              x: v['x']!,
              y: v['y']!,
              scale: v['scale'],
              bias: v['bias'],
              mean: v['mean']!,
              invStd: v['invStd']!,
              runningMean: v['runningMean'],
              runningVariance: v['runningVariance'],
            },
            running,
          ),
        backward: (v) =>
          operation.backwardTraining(
            {
              x: v['x']!,
              y: relu === undefined ? undefined : v['y'],
              dy: v['dy']!,
              dx: v['dx'],
              scale: v['scale'],
              mean: v['mean']!,
              invStd: v['invStd']!,
              dScale: v['dscale'],
              dBias: v['dbias'],
            },
            { accumulate: false },
          ),
      };
    },
    ...(gradient ? { gradientOf: affine ? ['x', 'scale', 'bias'] : ['x'] } : {}),
    work: {
      forward: { bytes: 3 * bytes },
      backward: { bytes: (relu === undefined ? 5 : 7) * bytes },
    },
  };
}

/** y over x with a stash; dx over dy; gradients of scale and bias accumulate. */
function inPlaceCase(shape: Shape): OperationCase {
  const { x, relu } = shape;
  const channels = x[1] ?? 1;
  return {
    name: nameOf(shape, 'training in place, accumulating'),
    arrays: {
      x: updated(x, bound),
      stash: output(x, 'exact'),
      scale: input(channels, uniform(0.5, 2)),
      bias: input(channels),
      mean: output(channels, bound),
      invStd: output(channels, bound),
      dy: updated(x, bound),
      dScale: updated(channels, bound),
      dBias: updated(channels, bound),
    },
    prepare(backend) {
      const operation = backend.batchNorm(specOf(shape));
      return {
        forward: (v) =>
          operation.forwardTraining({
            x: v['x']!,
            y: v['x']!,
            stash: v['stash'],
            scale: v['scale'],
            bias: v['bias'],
            mean: v['mean']!,
            invStd: v['invStd']!,
          }),
        backward: (v) =>
          operation.backwardTraining(
            {
              x: v['stash']!,
              y: relu === undefined ? undefined : v['x'],
              dy: v['dy']!,
              dx: v['dy'],
              scale: v['scale'],
              mean: v['mean']!,
              invStd: v['invStd']!,
              dScale: v['dScale'],
              dBias: v['dBias'],
            },
            { accumulate: true },
          ),
      };
    },
  };
}

function globalCase(shape: Shape, inPlace: boolean, statisticsFactor?: number): OperationCase {
  const { x, affine = true } = shape;
  const channels = x[1] ?? 1;
  const more = `global${inPlace ? ' in place' : ''}${statisticsFactor === undefined ? '' : ` factor=${statisticsFactor}`}`;
  return {
    name: nameOf(shape, more),
    arrays: {
      x: inPlace ? updated(x, bound) : input(x),
      ...(affine ? { scale: input(channels, uniform(0.5, 2)), bias: input(channels) } : {}),
      mean: input(channels),
      variance: input(channels, uniform(0, 2)),
      ...(inPlace ? { dy: updated(x, bound) } : { y: output(x, bound), dy: input(x), dx: output(x, bound) }),
    },
    prepare(backend) {
      const operation = backend.batchNorm(specOf(shape));
      const options = statisticsFactor === undefined ? undefined : { statisticsFactor };
      return {
        forward: (v) =>
          operation.forwardGlobal(
            {
              x: v['x']!,
              y: v['y'] ?? v['x']!,
              scale: v['scale'],
              bias: v['bias'],
              mean: v['mean']!,
              variance: v['variance']!,
            },
            options,
          ),
        backward: (v) =>
          operation.backwardGlobal(
            {
              y: v['y'] ?? v['x'],
              dy: v['dy']!,
              dx: v['dx'] ?? v['dy']!,
              scale: v['scale'],
              variance: v['variance']!,
            },
            options,
          ),
      };
    },
    ...(inPlace ? {} : { gradientOf: ['x'] }),
    work: { forward: { bytes: 8 * countOf(x) }, backward: { bytes: 8 * countOf(x) } },
  };
}

/** A mean a thousand times the deviation: sums of squares in f32 would lose the variance. */
function offsetCase(): OperationCase {
  const x = [8, 2, 5, 7];
  const plain = trainingCase({ x, affine: false });
  const arrays: Record<string, CaseArray> = { ...plain.arrays, x: input(x, uniform(1000, 1001)) };
  for (const name of ['invStd', 'y', 'dx', 'runningVariance']) {
    arrays[name] = { ...arrays[name]!, bound: 1e-3 }; // inputs themselves are rounded to 6e-5 of the deviation
  }
  return { ...plain, name: 'training with a mean far from 0', arrays };
}

const planes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17, 33];

export const batchNormCases: CaseTable = {
  operation: 'batchNorm',
  cases: [
    ...planes.map((width) => trainingCase({ x: [3, 2, 1, width] })),
    ...planes.map((width) => trainingCase({ x: [2, 3, 1, width], relu: 0 })),
    ...planes.map((channels) => trainingCase({ x: [4, channels, 2, 3], affine: false })),
    ...planes.map((batch) => trainingCase({ x: [batch, 3, 2, 2], relu: 0.1 })),
    trainingCase({ x: [3, 2, 3, 4] }, true),
    trainingCase({ x: [3, 2, 3, 4], affine: false }, true),
    trainingCase({ x: [6, 5] }, true),
    trainingCase({ x: [3, 2, 4, 4], relu: 0.2 }, true),
    trainingCase({ x: [2, 3, 2, 2, 3] }, true),
    trainingCase({ x: [1, 4, 1, 1] }),
    trainingCase({ x: [7] }),
    trainingCase({ x: [0, 3, 2, 2] }),
    trainingCase({ x: [16, 32, 8, 8], relu: 0 }),
    trainingCase({ x: [5, 130] }),
    trainingCase({ x: [2, 3, 70, 65] }),
    offsetCase(),
    inPlaceCase({ x: [3, 4, 3, 5] }),
    inPlaceCase({ x: [3, 4, 3, 5], relu: 0 }),
    inPlaceCase({ x: [3, 5, 4, 4], relu: 0.25 }),
    globalCase({ x: [3, 4, 3, 3] }, false),
    globalCase({ x: [3, 4, 3, 3], affine: false }, false, 0.25),
    globalCase({ x: [3, 4, 4, 4] }, true, 0),
    globalCase({ x: [5, 9] }, true),
    ...planes.map((width) => globalCase({ x: [2, 3, 1, width] }, true, 0.5)),
    globalCase({ x: [3, 4, 3, 3], relu: 0 }, false),
    globalCase({ x: [2, 3, 4, 4], relu: 0.1 }, true),
  ],
  bench: [
    trainingCase({ x: [64, 32, 32, 32] }),
    trainingCase({ x: [64, 32, 32, 32], relu: 0 }),
    trainingCase({ x: [64, 128, 16, 16], relu: 0 }),
    trainingCase({ x: [64, 512, 8, 8], relu: 0 }),
    globalCase({ x: [64, 64, 32, 32], relu: 0 }, false),
  ],
};
