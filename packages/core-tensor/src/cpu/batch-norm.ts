import type { Operations } from '../backend.ts';
import type { BatchNormSpec } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import type { Values } from '../values.ts';
import { type Engine, elementGrain } from './engine.ts';
import { grainOf } from './grain.ts';

const forwardArrays = ['x', 'y', 'stash', 'scale', 'bias', 'mean', 'invStd', 'runningMean', 'runningVariance'] as const;
const forwardNumbers = ['batch', 'channels', 'plane', 'eps', 'keep', 'add', 'addVariance', 'relu', 'slope'] as const;
const backwardArrays = ['x', 'y', 'dy', 'dx', 'scale', 'mean', 'invStd', 'dScale', 'dBias'] as const;
const backwardNumbers = ['batch', 'channels', 'plane', 'accumulate', 'relu', 'slope'] as const;
const globalArrays = ['x', 'y', 'scale', 'bias', 'mean', 'variance'] as const;
const globalBackwardArrays = ['y', 'dy', 'dx', 'scale', 'variance'] as const;
const globalNumbers = ['channels', 'plane', 'eps', 'factor', 'relu', 'slope'] as const;

/** Values of a group of channels: small enough that the second pass finds them in a core's own cache. */
const groupValues = 2 * elementGrain;

const addressOf = (values: Values | undefined): number => (values === undefined ? 0 : values.address);

/** The kernels' jobs with all that the spec fixes. */
function jobsOf(engine: Engine, { x, eps, relu }: BatchNormSpec) {
  const [batch, channels] = [x.shape[0] ?? 1, x.shape[1] ?? 1];
  const plane = countOf(x.shape.slice(2));
  const group = grainOf(batch * plane, groupValues);
  engine.reserveWorkspace({ perThread: 24 * Math.min(group, channels) });
  const rows = plane === 0 ? 0 : batch * channels;
  const grain = grainOf(plane);
  const forward = engine.job('batchNormForward', [...forwardArrays, ...forwardNumbers], channels, group);
  const backward = engine.job('batchNormBackward', [...backwardArrays, ...backwardNumbers], channels, group);
  const global = engine.job('batchNormGlobal', [...globalArrays, ...globalNumbers], rows, grain);
  const globalBackward = engine.job(
    'batchNormGlobalBackward',
    [...globalBackwardArrays, ...globalNumbers],
    rows,
    grain,
  );
  for (const job of [forward, backward, global, globalBackward]) {
    job.i32.channels = channels;
    job.i32.plane = plane;
    job.i32.relu = relu === undefined ? 0 : 1;
    job.f32.slope = relu?.slope ?? 0;
  }
  for (const job of [forward, backward]) job.i32.batch = batch;
  for (const job of [forward, global, globalBackward]) job.f32.eps = eps;
  return { forward, backward, global, globalBackward };
}

export function batchNormOn(engine: Engine): Operations['batchNorm'] {
  return (spec) => {
    const { forward, backward, global, globalBackward } = jobsOf(engine, spec);
    return {
      forwardTraining(v, running) {
        forward.address.x = v.x.address;
        forward.address.y = v.y.address;
        forward.address.stash = addressOf(v.stash);
        forward.address.scale = addressOf(v.scale);
        forward.address.bias = addressOf(v.bias);
        forward.address.mean = v.mean.address;
        forward.address.invStd = v.invStd.address;
        forward.address.runningMean = running === undefined ? 0 : addressOf(v.runningMean);
        forward.address.runningVariance = running === undefined ? 0 : addressOf(v.runningVariance);
        if (running !== undefined) {
          forward.f32.keep = running.keep;
          forward.f32.add = running.add;
          forward.f32.addVariance = running.add * running.varianceCorrection;
        }
        forward.run();
      },
      backwardTraining(v, { accumulate }) {
        backward.address.x = v.x.address;
        backward.address.y = addressOf(v.y);
        backward.address.dy = v.dy.address;
        backward.address.dx = addressOf(v.dx);
        backward.address.scale = addressOf(v.scale);
        backward.address.mean = v.mean.address;
        backward.address.invStd = v.invStd.address;
        backward.address.dScale = addressOf(v.dScale);
        backward.address.dBias = addressOf(v.dBias);
        backward.i32.accumulate = accumulate ? 1 : 0;
        backward.run();
      },
      forwardGlobal(v, options) {
        global.address.x = v.x.address;
        global.address.y = v.y.address;
        global.address.scale = addressOf(v.scale);
        global.address.bias = addressOf(v.bias);
        global.address.mean = v.mean.address;
        global.address.variance = v.variance.address;
        global.f32.factor = options?.statisticsFactor ?? 1;
        global.run();
      },
      backwardGlobal(v, options) {
        globalBackward.address.y = addressOf(v.y);
        globalBackward.address.dy = v.dy.address;
        globalBackward.address.dx = v.dx.address;
        globalBackward.address.scale = addressOf(v.scale);
        globalBackward.address.variance = v.variance.address;
        globalBackward.f32.factor = options?.statisticsFactor ?? 1;
        globalBackward.run();
      },
    };
  };
}
