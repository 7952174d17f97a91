import { layerCases } from '@jacinto/net/testing';

const probabilities = { uniform: [0.2, 1] } as const;
const gradient = { step: 1e-3, bottoms: [0] };

export const cases = layerCases('InfogainLoss', [
  {
    bottoms: [[3, 4], [3], [4, 4]],
    values: { 0: probabilities, 1: { integers: 4 }, 2: { uniform: [0, 1] } },
    gradient,
  },
  {
    bottoms: [
      [2, 5, 1, 1],
      [2, 1, 1, 1],
      [1, 1, 5, 5],
    ],
    values: { 0: probabilities, 1: { integers: 5 } },
    gradient,
  },
  {
    bottoms: [
      [2, 2, 1],
      [2, 1],
      [1, 2, 2],
    ],
    values: { 0: probabilities, 1: { integers: 2 }, 2: { uniform: [-1, 1] } },
    gradient,
  },
]);
