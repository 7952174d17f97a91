import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Crop', [
  {
    param: 'offset: 1 offset: 2',
    bottoms: [
      [2, 3, 5, 6],
      [2, 3, 3, 4],
    ],
    topShapes: [[2, 3, 3, 4]],
    bound: 'exact',
    golden: 'crop',
  },
  {
    param: 'axis: 1 offset: 1',
    bottoms: [
      [2, 4, 3, 3],
      [2, 2, 2, 2],
    ],
    topShapes: [[2, 2, 2, 2]],
    bound: 'exact',
    golden: 'crop_c',
  },
  {
    param: 'axis: 0',
    bottoms: [
      [5, 4],
      [2, 3],
    ],
    topShapes: [[2, 3]],
    bound: 'exact',
  },
  {
    param: 'axis: -3 offset: 1 offset: 2 offset: 0',
    bottoms: [
      [2, 2, 3, 4, 3],
      [1, 1, 2, 2, 2],
    ],
    topShapes: [[2, 2, 2, 2, 2]],
    bound: 'exact',
  },
]);
