import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('EuclideanLoss', [
  {
    bottoms: [
      [3, 4],
      [3, 4],
    ],
    golden: 'euclidean',
  },
  {
    bottoms: [
      [2, 3, 2],
      [2, 6],
    ],
  },
  {
    name: 'far apart',
    bottoms: [
      [4, 1],
      [4, 1],
    ],
    values: { 0: { uniform: [2, 3] }, 1: { uniform: [-3, -2] } },
  },
]);
