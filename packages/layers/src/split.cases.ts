import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Split', [
  {
    bottoms: [[2, 3, 4]],
    tops: 2,
    topShapes: [
      [2, 3, 4],
      [2, 3, 4],
    ],
  },
  { bottoms: [[2, 3, 4]], tops: 3 },
  { bottoms: [[2, 3, 4]], tops: 1 },
]);
