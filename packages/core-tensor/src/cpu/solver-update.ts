import type { Operations } from '../backend.ts';
import type { UpdateRule } from '../operations/index.ts';
import { type Engine, elementGrain } from './engine.ts';

// Words of UpdateArguments (assembly/solver-update.ts), in order.
const slots = [
  ...(['parameters', 'gradientFactor', 'momentum', 'freshMomentum', 'momentum2', 'freshMomentum2', 'delta'] as const),
  ...(['l1', 'clear'] as const),
] as const;
/** Words of a Parameter there: first item, count, w, g, h, h2, rate, decay. */
const parameterWords = 8;

const kernels: Readonly<Record<UpdateRule, string>> = {
  sgd: 'updateSgd',
  nesterov: 'updateNesterov',
  adagrad: 'updateAdagrad',
  rmsprop: 'updateRmsprop',
  adadelta: 'updateAdadelta',
  adam: 'updateAdam',
};

/** One job over all parameters, so that threads share the total evenly however small most of them are. */
export function solverUpdateOn(engine: Engine): Operations['solverUpdate'] {
  return ({ rule, counts, regularization }) => {
    const table = engine.table(counts.length * parameterWords);
    let items = 0;
    counts.forEach((count, p) => {
      table.words[p * parameterWords] = items;
      table.words[p * parameterWords + 1] = count;
      items += Math.ceil(count / 4) * 4;
    });
    const job = engine.job(kernels[rule], slots, items, elementGrain);
    job.address.parameters = table.address;
    job.i32.l1 = regularization === 'L1' ? 1 : 0;
    return {
      run(parameters, rates, { clear }) {
        for (let p = 0; p < counts.length; p++) {
          const { weights, diff, history, rate, decay } = parameters[p]!;
          const at = p * parameterWords;
          table.words[at + 2] = weights.address;
          table.words[at + 3] = diff.address;
          table.words[at + 4] = history[0]!.address;
          table.words[at + 5] = history.length > 1 ? history[1]!.address : 0;
          table.floats[at + 6] = rule === 'adam' ? rate * rates.correction : rate;
          table.floats[at + 7] = decay;
        }
        const second = rule === 'rmsprop' ? rates.rmsDecay : rates.momentum2;
        job.f32.gradientFactor = rates.gradientFactor;
        job.f32.momentum = rates.momentum;
        job.f32.freshMomentum = 1 - rates.momentum;
        job.f32.momentum2 = second;
        job.f32.freshMomentum2 = 1 - second;
        job.f32.delta = rates.delta;
        job.i32.clear = clear ? 1 : 0;
        job.run();
      },
    };
  };
}
