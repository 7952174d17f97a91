import type { Operations } from '../backend.ts';
import type { LrnSpec } from '../operations/index.ts';
import type { Values } from '../values.ts';
import type { Engine, Job } from './engine.ts';
import { grainOf } from './grain.ts';

const arraySlots = ['x', 'y', 's', 'dy', 'dx'] as const;
const acrossSlots = [...arraySlots, 'channels', 'plane', 'groups', 'reach', 'offset', 'factor', 'beta'] as const;
const withinSlots = [...arraySlots, 'height', 'width', 'reach', 'factor', 'beta'] as const;

/** Values a block: the power makes a value dearer than a copy. */
const lrnGrain = 4096;

type LrnJob = Job<(typeof arraySlots)[number]>;

function acrossJobs(engine: Engine, { x, size, alpha, beta, k }: LrnSpec): [forward: LrnJob, backward: LrnJob] {
  const [batch, channels, height, width] = [0, 1, 2, 3].map((axis) => x.shape[axis] ?? 1) as Shape4;
  const groups = Math.ceil((height * width) / 16);
  engine.reserveWorkspace({ perThread: 64 * channels });
  return ['lrnAcross', 'lrnAcrossBackward'].map((kernel) => {
    const job = engine.job(kernel, acrossSlots, batch * groups, grainOf(16 * channels, lrnGrain));
    job.i32.channels = channels;
    job.i32.plane = height * width;
    job.i32.groups = groups;
    job.i32.reach = (size - 1) / 2;
    job.f32.offset = k;
    job.f32.factor = alpha / size;
    job.f32.beta = beta;
    return job;
  }) as [LrnJob, LrnJob];
}

function withinJobs(engine: Engine, { x, size, alpha, beta }: LrnSpec): [forward: LrnJob, backward: LrnJob] {
  const [batch, channels, height, width] = [0, 1, 2, 3].map((axis) => x.shape[axis] ?? 1) as Shape4;
  engine.reserveWorkspace({ perThread: 4 * (height * width + width) + 128 });
  return ['lrnWithin', 'lrnWithinBackward'].map((kernel) => {
    const job = engine.job(kernel, withinSlots, batch * channels, grainOf(height * width, lrnGrain));
    job.i32.height = height;
    job.i32.width = width;
    job.i32.reach = (size - 1) / 2;
    job.f32.factor = alpha / (size * size);
    job.f32.beta = beta;
    return job;
  }) as [LrnJob, LrnJob];
}

type Shape4 = [number, number, number, number];

export function lrnOn(engine: Engine): Operations['lrn'] {
  return (spec) => {
    const [forward, backward] = spec.region === 'across-channels' ? acrossJobs(engine, spec) : withinJobs(engine, spec);
    const set = (job: LrnJob, x: Values, y: Values, s: Values): void => {
      job.address.x = x.address;
      job.address.y = y.address;
      job.address.s = s.address;
    };
    return {
      forward(x, y, s) {
        set(forward, x, y, s);
        forward.run();
      },
      backward(x, y, s, dy, dx) {
        set(backward, x, y, s);
        backward.address.dy = dy.address;
        backward.address.dx = dx.address;
        backward.run();
      },
    };
  };
}
