import { type FillerType, fillerError } from './filler.ts';

/**
 * Normal distribution with `mean` (default 0) and `std` (default 1). With sparse ≥ 0 each value is kept with
 * probability sparse / shape[0], so that an output has about `sparse` inputs that are not 0.
 */
export const gaussian: FillerType = {
  type: 'gaussian',
  sparse: true,
  fill(values, shape, param, random) {
    const { mean, std, sparse } = param;
    if (!(std >= 0)) throw fillerError(param, 'std', `is ${std}`, 'use 0 or more');
    if (sparse < -1) throw fillerError(param, 'sparse', `is ${sparse}`, 'use -1 (not sparse), or 0 and more');
    for (let i = 0; i < values.length; i++) values[i] = random.gaussian(mean, std);
    if (sparse < 0) return;
    const keep = sparse / Math.max(1, shape[0] ?? 1);
    for (let i = 0; i < values.length; i++) if (!random.bernoulli(keep)) values[i] = 0;
  },
};
