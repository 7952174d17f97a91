import type { BatchNormSpec, OperationsOfBlocks } from '../operations/index.ts';
import type { Values } from '../values.ts';
import { type Engine, elementGrain, type Job } from './engine.ts';
import { grainOf } from './grain.ts';

const arrays = ['x', 'y', 'dy', 'dx'] as const;
const distances = ['Image', 'Pixel', 'Half', 'Unit', 'Group', 'UnitsOfGroup'] as const;
type PlaceSlot = (typeof arrays)[number] | `${(typeof arrays)[number]}${(typeof distances)[number]}`;
const places: PlaceSlot[] = arrays.flatMap((array) => [array, ...distances.map((d) => `${array}${d}` as const)]);
const perChannel = [
  ...(['mean', 'invStd', 'variance', 'scale', 'bias', 'runningMean', 'runningVariance', 'dScale', 'dBias'] as const),
];
const numbers = ['batch', 'channels', 'plane', 'relu', 'accumulate'] as const;
const factors = ['slope', 'eps', 'keep', 'add', 'addVariance', 'statisticsFactor'] as const;
type Slot = PlaceSlot | (typeof perChannel)[number] | (typeof numbers)[number] | (typeof factors)[number];
const slots: readonly Slot[] = [...places, ...perChannel, ...numbers, ...factors];

const addressOf = (values: Values | undefined): number => (values === undefined ? 0 : values.address);

export function batchNormBlocksOn(engine: Engine): OperationsOfBlocks['batchNorm'] {
  return (spec) => {
    const [batch, channels, height, width] = spec.x.shape as [number, number, number, number];
    const plane = height * width;
    const units = Math.ceil(channels / 16);
    const rows = units * batch;
    engine.reserveWorkspace({ shared: 256 * rows + 320 * units });
    const make = (kernel: string, items: number, grain: number): Job<Slot> => {
      const job = engine.job(kernel, slots, items, grain);
      fix(job, spec, { batch, channels, plane });
      return job;
    };
    const grain = grainOf(16 * plane, 2 * elementGrain);
    const unitGrain = grainOf(batch, 128);
    // A unit at a time, or a pass at a time where that would leave threads without work.
    const turns = Math.ceil(units / engine.threads);
    const byUnit = turns * engine.threads <= 1.25 * units;
    const statistics = make(byUnit ? 'batchNormBlocks' : 'batchNormBlocksStatistics', units, byUnit ? 1 : unitGrain);
    const sums = make('batchNormBlocksSums', rows, grain);
    const normalise = make('batchNormBlocksNormalise', rows, grain);
    const gradients = byUnit ? 'batchNormBlocksBackward' : 'batchNormBlocksGradientStatistics';
    const gradient = make(gradients, units, byUnit ? 1 : unitGrain);
    const gradientSums = make('batchNormBlocksGradientSums', rows, grain);
    const backward = make('batchNormBlocksGradient', rows, grain);
    const global = make('batchNormBlocksGlobal', units, 64);
    const globalBackward = make('batchNormBlocksGlobalBackward', rows, grain);
    const users = {
      x: [statistics, sums, normalise, gradient, gradientSums, backward],
      y: [statistics, normalise, gradient, gradientSums, backward, globalBackward],
      dy: [gradient, gradientSums, backward, globalBackward],
      dx: [gradient, backward, globalBackward],
    };
    let hasDx = false;
    return {
      place(array, address, { block, groups }) {
        if (array === 'dx') hasDx = address !== 0;
        const ofGroup = channels / groups;
        const padded = Math.ceil(ofGroup / block) * block;
        for (const { address: words } of users[array]) {
          words[array] = address;
          words[`${array}Image`] = 4 * padded * plane;
          words[`${array}Pixel`] = 4 * block;
          words[`${array}Half`] = block === 16 ? 32 : 32 * plane;
          words[`${array}Unit`] = 64 * plane;
          words[`${array}Group`] = 4 * batch * padded * plane;
          words[`${array}UnitsOfGroup`] = Math.ceil(padded / 16);
        }
      },
      forwardTraining(v, running) {
        if (!byUnit) sums.run();
        const { address, f32 } = statistics;
        address.mean = v.mean.address;
        address.invStd = v.invStd.address;
        address.scale = addressOf(v.scale);
        address.bias = addressOf(v.bias);
        address.runningMean = running === undefined ? 0 : addressOf(v.runningMean);
        address.runningVariance = running === undefined ? 0 : addressOf(v.runningVariance);
        if (running !== undefined) {
          f32.keep = running.keep;
          f32.add = running.add;
          f32.addVariance = running.add * running.varianceCorrection;
        }
        statistics.run();
        if (!byUnit) normalise.run();
      },
      backwardTraining(v, { accumulate }) {
        gradientSums.address.mean = v.mean.address;
        if (!byUnit) gradientSums.run();
        const { address } = gradient;
        address.mean = v.mean.address;
        address.invStd = v.invStd.address;
        address.scale = addressOf(v.scale);
        address.dScale = addressOf(v.dScale);
        address.dBias = addressOf(v.dBias);
        gradient.i32.accumulate = accumulate ? 1 : 0;
        gradient.run();
        if (hasDx && !byUnit) backward.run();
      },
      forwardGlobal(v, options) {
        const { address } = global;
        address.mean = v.mean.address;
        address.variance = v.variance.address;
        address.scale = addressOf(v.scale);
        address.bias = addressOf(v.bias);
        global.f32.statisticsFactor = options?.statisticsFactor ?? 1;
        global.run();
        normalise.run();
      },
      backwardGlobal(v, options) {
        const { address } = global;
        address.mean = 0;
        address.variance = v.variance.address;
        address.scale = addressOf(v.scale);
        address.bias = 0;
        global.f32.statisticsFactor = options?.statisticsFactor ?? 1;
        global.run();
        globalBackward.run();
      },
    };
  };
}

function fix(
  job: Job<Slot>,
  { eps, relu }: BatchNormSpec,
  { batch, channels, plane }: { batch: number; channels: number; plane: number },
): void {
  for (const slot of slots) job.address[slot] = 0;
  job.i32.batch = batch;
  job.i32.channels = channels;
  job.i32.plane = plane;
  job.i32.relu = relu === undefined ? 0 : 1;
  job.f32.slope = relu?.slope ?? 0;
  job.f32.eps = eps;
  job.f32.statisticsFactor = 1;
}
