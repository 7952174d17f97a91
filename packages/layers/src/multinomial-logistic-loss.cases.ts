import { layerCases } from '@jacinto/net/testing';

const probabilities = { uniform: [0.2, 1] } as const;

export const cases = layerCases('MultinomialLogisticLoss', [
  {
    bottoms: [[3, 4], [3]],
    values: { 0: probabilities, 1: { integers: 4 } },
    gradient: { step: 1e-3 },
    golden: 'multinomial',
  },
  {
    bottoms: [
      [2, 5, 1, 1],
      [2, 1, 1, 1],
    ],
    values: { 0: probabilities, 1: { integers: 5 } },
    gradient: { step: 1e-3 },
  },
  { bottoms: [[2, 2, 2], [2]], values: { 0: probabilities, 1: { integers: 4 } }, gradient: { step: 1e-3 } },
]);
