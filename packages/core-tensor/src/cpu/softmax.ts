import type { Operations } from '../backend.ts';
import type { SoftmaxSpec } from '../operations/index.ts';
import type { Engine } from './engine.ts';
import { grainOf } from './grain.ts';

const forwardSlots = ['x', 'y', 'channels', 'inner', 'groups'] as const;
const backwardSlots = ['y', 'dy', 'dx', 'channels', 'inner', 'groups'] as const;

/** Values a block: an exponential takes several times what a copy takes. */
const softmaxGrain = 4096;

/** By rows where the channels lie side by side, else by groups of 16 positions. */
function geometry({ outer, channels, inner }: SoftmaxSpec) {
  const rows = inner === 1;
  const groups = rows ? 1 : Math.ceil(inner / 16);
  const grain = grainOf(channels * (rows ? 1 : 16), softmaxGrain);
  return { kind: rows ? 'Rows' : 'Columns', items: channels === 0 ? 0 : outer * groups, groups, grain };
}

export function softmaxJob(engine: Engine, spec: SoftmaxSpec) {
  const { kind, items, groups, grain } = geometry(spec);
  const job = engine.job(`softmax${kind}`, forwardSlots, items, grain);
  if (spec.inner !== 1) engine.reserveWorkspace({ perThread: 128 * spec.channels });
  job.i32.channels = spec.channels;
  job.i32.inner = spec.inner;
  job.i32.groups = groups;
  return job;
}

export function softmaxOn(engine: Engine): Operations['softmax'] {
  return (spec) => {
    const { kind, items, groups, grain } = geometry(spec);
    const forward = softmaxJob(engine, spec);
    const backward = engine.job(`softmax${kind}Backward`, backwardSlots, items, grain);
    backward.i32.channels = spec.channels;
    backward.i32.inner = spec.inner;
    backward.i32.groups = groups;
    return {
      forward(x, y) {
        forward.address.x = x.address;
        forward.address.y = y.address;
        forward.run();
      },
      backward(y, dy, dx) {
        backward.address.y = y.address;
        backward.address.dy = dy.address;
        backward.address.dx = dx.address;
        backward.run();
      },
    };
  };
}
