import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Eltwise', [
  {
    bottoms: [
      [2, 3, 4],
      [2, 3, 4],
    ],
    inPlace: true,
  },
  {
    bottoms: [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
    inPlace: true,
    golden: 'eltwise_sum',
  },
  {
    param: 'coeff: 0.5 coeff: -1 coeff: 2',
    bottoms: [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
    inPlace: true,
    golden: 'eltwise_sumcoef',
  },
  {
    param: 'operation: PROD',
    bottoms: [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
    golden: 'eltwise_prod',
  },
  {
    param: 'operation: PROD stable_prod_grad: false',
    bottoms: [
      [2, 3, 4],
      [2, 3, 4],
    ],
    golden: 'eltwise_prod_unstable',
  },
  {
    param: 'operation: MAX',
    bottoms: [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
    values: { 0: { spaced: 0.12 }, 1: { spaced: 0.13 }, 2: { spaced: 0.19 } },
    bound: 'exact',
    gradient: { step: 1e-3, threshold: 2e-3 },
    golden: 'eltwise_max',
  },
]);
