import type { Operations } from '../backend.ts';
import type { Engine } from './engine.ts';
import { grainOf } from './grain.ts';
import { softmaxJob } from './softmax.ts';

const lossSlots = [
  'prob',
  'label',
  'parts',
  'weights',
  'positions',
  'chunk',
  'channels',
  'inner',
  'hasIgnore',
  'ignore',
] as const;
const backwardSlots = ['prob', 'label', 'dx', 'channels', 'inner', 'hasIgnore', 'ignore', 'factor'] as const;

/** Positions whose losses make one partial sum. */
const chunk = 2048;

export function softmaxLossOn(engine: Engine): Operations['softmaxLoss'] {
  return (spec) => {
    const { outer, channels, inner, ignoreLabel } = spec;
    const positions = outer * inner;
    const chunks = Math.ceil(positions / chunk);
    const softmax = softmaxJob(engine, spec);
    const losses = engine.job('softmaxLoss', lossSlots, chunks, 1);
    const parts = engine.job('softmaxLossParts', lossSlots, 1, 1);
    const backward = engine.job('softmaxLossBackward', backwardSlots, outer, grainOf(channels * inner));
    engine.reserveWorkspace({ perThread: 32, shared: 24 * chunks });
    for (const job of [losses, parts]) {
      job.i32.positions = positions;
      job.i32.chunk = chunk;
    }
    for (const job of [losses, backward]) {
      job.i32.channels = channels;
      job.i32.inner = inner;
      job.i32.hasIgnore = ignoreLabel === undefined ? 0 : 1;
      job.f32.ignore = ignoreLabel ?? 0;
    }
    return {
      forward(v) {
        if (v.x !== undefined) {
          softmax.address.x = v.x.address;
          softmax.address.y = v.prob.address;
          softmax.run();
        }
        losses.address.prob = v.prob.address;
        losses.address.label = v.label.address;
        losses.address.weights = v.labelWeights === undefined ? 0 : v.labelWeights.address;
        losses.run();
        parts.address.parts = v.parts.address;
        parts.run();
      },
      backward({ prob, label, dx }, factor) {
        backward.address.prob = prob.address;
        backward.address.label = label.address;
        backward.address.dx = dx.address;
        backward.f32.factor = factor;
        backward.run();
      },
    };
  };
}
