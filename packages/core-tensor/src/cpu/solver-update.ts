import type { Operations } from '../backend.ts';
import type { UpdateRule } from '../operations/index.ts';
import { type Engine, elementGrain } from './engine.ts';

const slots = [
  'w',
  'g',
  'h',
  'h2',
  'rate',
  'decay',
  'gradientFactor',
  'momentum',
  'freshMomentum',
  'momentum2',
  'freshMomentum2',
  'delta',
  'l1',
  'clear',
] as const;

const kernels: Readonly<Record<UpdateRule, string>> = {
  sgd: 'updateSgd',
  nesterov: 'updateNesterov',
  adagrad: 'updateAdagrad',
  rmsprop: 'updateRmsprop',
  adadelta: 'updateAdadelta',
  adam: 'updateAdam',
};

export function solverUpdateOn(engine: Engine): Operations['solverUpdate'] {
  return ({ rule, counts, regularization }) => {
    const jobs = counts.map((count) => {
      const job = engine.job(kernels[rule], slots, count, elementGrain);
      job.i32.l1 = regularization === 'L1' ? 1 : 0;
      return job;
    });
    return {
      run(parameters, rates, { clear }) {
        const second = rule === 'rmsprop' ? rates.rmsDecay : rates.momentum2;
        for (let p = 0; p < jobs.length; p++) {
          const { weights, diff, history, rate, decay } = parameters[p]!;
          const job = jobs[p]!;
          job.address.w = weights.address;
          job.address.g = diff.address;
          job.address.h = history[0]!.address;
          job.address.h2 = history.length > 1 ? history[1]!.address : 0;
          job.f32.rate = rule === 'adam' ? rate * rates.correction : rate;
          job.f32.decay = decay;
          job.f32.gradientFactor = rates.gradientFactor;
          job.f32.momentum = rates.momentum;
          job.f32.freshMomentum = 1 - rates.momentum;
          job.f32.momentum2 = second;
          job.f32.freshMomentum2 = 1 - second;
          job.f32.delta = rates.delta;
          job.i32.clear = clear ? 1 : 0;
          job.run();
        }
      },
    };
  };
}
