import type { SolverUpdateOperation, SolverUpdateSpec, UpdateRates, UpdateRule } from '../operations/index.ts';
import { type Floats, read, update } from './floats.ts';

/** Returns the step to take off the weight; g is the regularised gradient, h the history arrays. */
type Step = (g: number, h: readonly Floats[], i: number, rate: number, rates: UpdateRates) => number;

const steps: Readonly<Record<UpdateRule, Step>> = {
  sgd: (g, [h], i, rate, { momentum }) => {
    h![i] = momentum * h![i]! + rate * g;
    return h![i]!;
  },
  nesterov: (g, [h], i, rate, { momentum }) => {
    const before = h![i]!;
    h![i] = momentum * before + rate * g;
    return (1 + momentum) * h![i]! - momentum * before;
  },
  adagrad: (g, [h], i, rate, { delta }) => {
    h![i] = h![i]! + g * g;
    return (rate * g) / (Math.sqrt(h![i]!) + delta);
  },
  rmsprop: (g, [h], i, rate, { delta, rmsDecay }) => {
    h![i] = rmsDecay * h![i]! + (1 - rmsDecay) * g * g;
    return (rate * g) / (Math.sqrt(h![i]!) + delta);
  },
  adadelta: (g, [h, h2], i, rate, { delta, momentum }) => {
    h![i] = momentum * h![i]! + (1 - momentum) * g * g;
    const u = g * Math.sqrt((h2![i]! + delta) / (h![i]! + delta));
    h2![i] = momentum * h2![i]! + (1 - momentum) * u * u;
    return rate * u;
  },
  adam: (g, [m, v], i, rate, { momentum, momentum2, delta, correction }) => {
    m![i] = momentum * m![i]! + (1 - momentum) * g;
    v![i] = momentum2 * v![i]! + (1 - momentum2) * g * g;
    return (rate * correction * m![i]!) / (Math.sqrt(v![i]!) + delta);
  },
};

export function solverUpdate({ rule, counts, regularization }: SolverUpdateSpec): SolverUpdateOperation {
  const step = steps[rule];
  return {
    run(parameters, rates, { clear }) {
      parameters.forEach(({ weights, diff, history, rate, decay }, index) => {
        const w = update(weights);
        const g = clear ? update(diff) : read(diff);
        const h = history.map(update);
        for (let i = 0; i < counts[index]!; i++) {
          const penalty = regularization === 'L2' ? w[i]! : Math.sign(w[i]!);
          const gradient = g[i]! * rates.gradientFactor + decay * penalty;
          w[i] = w[i]! - step(gradient, h, i, rate, rates);
          if (clear) g[i] = 0;
        }
      });
    },
  };
}
