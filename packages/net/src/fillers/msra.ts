import type { FillerType } from './filler.ts';
import { varianceCount } from './variance-norm.ts';

/** Normal distribution with std √(2/n) (He et al. 2015, "Delving deep into rectifiers"). */
export const msra: FillerType = {
  type: 'msra',
  fill(values, shape, param, random) {
    const std = Math.sqrt(2 / varianceCount(values, shape, param));
    for (let i = 0; i < values.length; i++) values[i] = random.gaussian(0, std);
  },
};
