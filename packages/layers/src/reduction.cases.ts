import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Reduction', [
  { bottoms: [[2, 3, 4]], topShapes: [[]], golden: 'reduction_sum' },
  {
    param: 'operation: ASUM axis: 1 coeff: 2',
    bottoms: [[2, 3, 4]],
    topShapes: [[2]],
    kinks: { at: 0, range: 0.01 },
    golden: 'reduction_asum',
  },
  {
    param: 'operation: SUMSQ axis: -1 coeff: 0.5',
    bottoms: [[2, 3, 4]],
    topShapes: [[2, 3]],
    golden: 'reduction_sumsq',
  },
  { param: 'operation: MEAN axis: 1 coeff: 3', bottoms: [[2, 3, 4]], topShapes: [[2]], golden: 'reduction_mean' },
]);
