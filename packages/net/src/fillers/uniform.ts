import { type FillerType, fillerError } from './filler.ts';

/** min ≤ value < max (default 0 and 1), each equally likely. */
export const uniform: FillerType = {
  type: 'uniform',
  fill(values, _shape, param, random) {
    const { min, max } = param;
    if (!(min <= max)) throw fillerError(param, 'min', `is ${min}, above max (${max})`, 'exchange them');
    for (let i = 0; i < values.length; i++) values[i] = random.uniform(min, max);
  },
};
