import type { FillerType } from './filler.ts';
import { varianceCount } from './variance-norm.ts';

/** Uniform between −a and a, a = √(3/n) (Glorot & Bengio 2010, "Understanding the difficulty of training deep nets"). */
export const xavier: FillerType = {
  type: 'xavier',
  fill(values, shape, param, random) {
    const limit = Math.sqrt(3 / varianceCount(values, shape, param));
    for (let i = 0; i < values.length; i++) values[i] = random.uniform(-limit, limit);
  },
};
