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
]);
