import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Concat', [
  {
    bottoms: [
      [2, 3, 2, 3],
      [2, 1, 2, 3],
      [2, 2, 2, 3],
    ],
    topShapes: [[2, 6, 2, 3]],
    bound: 'exact',
    golden: 'concat',
  },
  {
    param: 'axis: 2',
    bottoms: [
      [2, 2, 2, 3],
      [2, 2, 4, 3],
    ],
    topShapes: [[2, 2, 6, 3]],
    bound: 'exact',
    golden: 'concat_axis2',
  },
  {
    param: 'concat_dim: 0',
    bottoms: [
      [2, 3],
      [4, 3],
    ],
    topShapes: [[6, 3]],
    bound: 'exact',
  },
  {
    param: 'axis: -1',
    bottoms: [
      [2, 3, 1],
      [2, 3, 2],
    ],
    topShapes: [[2, 3, 3]],
    bound: 'exact',
  },
  { bottoms: [[2, 3]], topShapes: [[2, 3]], bound: 'exact', gradient: { skip: 'one memory' } },
]);
