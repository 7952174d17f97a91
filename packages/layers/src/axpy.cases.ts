import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Axpy', [
  {
    bottoms: [
      [2, 3],
      [2, 3, 4, 2],
      [2, 3, 4, 2],
    ],
    topShapes: [[2, 3, 4, 2]],
  },
  {
    bottoms: [
      [2, 3, 1, 1],
      [2, 3, 2, 2],
      [2, 3, 2, 2],
    ],
  },
  {
    bottoms: [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
  },
]);
