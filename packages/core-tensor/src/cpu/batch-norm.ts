import type { Operations } from '../backend.ts';
import type { BatchNormSpec } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import type { Values } from '../values.ts';
import { type Engine, elementGrain } from './engine.ts';
import { grainOf } from './grain.ts';

const geometry = ['rows', 'channels', 'plane', 'relu', 'slope'] as const;
const statisticsArrays = ['mean', 'invStd', 'scale', 'bias', 'runningMean', 'runningVariance'] as const;
const statisticsNumbers = ['batch', 'channels', 'plane', 'eps', 'keep', 'add', 'addVariance'] as const;
const gradientArrays = ['mean', 'invStd', 'scale', 'dScale', 'dBias'] as const;
const globalArrays = ['mean', 'variance', 'scale', 'bias'] as const;

const addressOf = (values: Values | undefined): number => (values === undefined ? 0 : values.address);

/** The kernels' jobs with all that the spec fixes: passes over rows (n,c), and over the channels between them. */
function jobsOf(engine: Engine, { x, eps, relu }: BatchNormSpec) {
  const [batch, channels] = [x.shape[0] ?? 1, x.shape[1] ?? 1];
  const plane = countOf(x.shape.slice(2));
  const rows = plane === 0 ? 0 : batch * channels;
  const grain = grainOf(plane, 2 * elementGrain);
  const channelGrain = grainOf(batch, 1024); // two values a row
  engine.reserveWorkspace({ shared: 16 * (batch * channels + channels) });

  const sums = engine.job('batchNormSums', ['x', 'plane'], rows, grain);
  sums.i32.plane = plane;
  const statisticsSlots = [...statisticsArrays, ...statisticsNumbers] as const;
  const statistics = engine.job('batchNormStatistics', statisticsSlots, channels, channelGrain);
  const globalSlots = [...globalArrays, 'batch', 'channels', 'eps', 'factor'] as const;
  const global = engine.job('batchNormGlobalStatistics', globalSlots, channels, 1024);
  const gradientSlots = [...gradientArrays, 'batch', 'channels', 'plane', 'accumulate'] as const;
  const gradient = engine.job('batchNormGradientStatistics', gradientSlots, channels, channelGrain);
  for (const job of [statistics, gradient]) job.i32.plane = plane;
  for (const job of [statistics, global]) job.f32.eps = eps;
  for (const job of [statistics, global, gradient]) {
    job.i32.batch = batch;
    job.i32.channels = channels;
  }

  const forward = engine.job('batchNorm', ['x', 'y', 'stash', ...geometry], rows, grain);
  const backwardSlots = ['x', 'y', 'dy', 'dx', 'mean', ...geometry] as const;
  const gradientSums = engine.job('batchNormGradientSums', backwardSlots, rows, grain);
  const backward = engine.job('batchNormBackward', backwardSlots, rows, grain);
  const globalBackward = engine.job('batchNormGlobalBackward', backwardSlots, rows, grain);
  for (const job of [forward, gradientSums, backward, globalBackward]) {
    job.i32.rows = batch * channels;
    job.i32.channels = channels;
    job.i32.plane = plane;
    job.i32.relu = relu === undefined ? 0 : 1;
    job.f32.slope = relu?.slope ?? 0;
  }
  return { sums, statistics, global, gradient, forward, gradientSums, backward, globalBackward };
}

export function batchNormOn(engine: Engine): Operations['batchNorm'] {
  return (spec) => {
    const jobs = jobsOf(engine, spec);
    const { sums, statistics, global, gradient, forward, gradientSums, backward, globalBackward } = jobs;

    function normalise(x: Values, y: Values, stash: Values | undefined): void {
      forward.address.x = x.address;
      forward.address.y = y.address;
      forward.address.stash = addressOf(stash);
      forward.run();
    }

    return {
      forwardTraining(v, running) {
        sums.address.x = v.x.address;
        sums.run();
        statistics.address.mean = v.mean.address;
        statistics.address.invStd = v.invStd.address;
        statistics.address.scale = addressOf(v.scale);
        statistics.address.bias = addressOf(v.bias);
        statistics.address.runningMean = running === undefined ? 0 : addressOf(v.runningMean);
        statistics.address.runningVariance = running === undefined ? 0 : addressOf(v.runningVariance);
        if (running !== undefined) {
          statistics.f32.keep = running.keep;
          statistics.f32.add = running.add;
          statistics.f32.addVariance = running.add * running.varianceCorrection;
        }
        statistics.run();
        normalise(v.x, v.y, v.stash);
      },
      backwardTraining(v, { accumulate }) {
        for (let pass = 0; pass < 2; pass++) {
          const job = pass === 0 ? gradientSums : backward;
          job.address.x = v.x.address;
          job.address.y = addressOf(v.y);
          job.address.dy = v.dy.address;
          job.address.dx = addressOf(v.dx);
          job.address.mean = v.mean.address;
        }
        gradientSums.run();
        gradient.address.mean = v.mean.address;
        gradient.address.invStd = v.invStd.address;
        gradient.address.scale = addressOf(v.scale);
        gradient.address.dScale = addressOf(v.dScale);
        gradient.address.dBias = addressOf(v.dBias);
        gradient.i32.accumulate = accumulate ? 1 : 0;
        gradient.run();
        if (v.dx !== undefined) backward.run();
      },
      forwardGlobal(v, options) {
        global.address.mean = v.mean.address;
        global.address.variance = v.variance.address;
        global.address.scale = addressOf(v.scale);
        global.address.bias = addressOf(v.bias);
        global.f32.factor = options?.statisticsFactor ?? 1;
        global.run();
        normalise(v.x, v.y, undefined);
      },
      backwardGlobal(v, options) {
        global.address.mean = 0;
        global.address.variance = v.variance.address;
        global.address.scale = addressOf(v.scale);
        global.address.bias = 0;
        global.f32.factor = options?.statisticsFactor ?? 1;
        global.run();
        globalBackward.address.y = addressOf(v.y);
        globalBackward.address.dy = v.dy.address;
        globalBackward.address.dx = v.dx.address;
        globalBackward.run();
      },
    };
  };
}
