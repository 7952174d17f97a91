import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Slice', [
  {
    bottoms: [[2, 6, 3]],
    tops: 3,
    topShapes: [
      [2, 2, 3],
      [2, 2, 3],
      [2, 2, 3],
    ],
    bound: 'exact',
    golden: 'slice_even',
  },
  {
    param: 'slice_point: 1 slice_point: 4',
    bottoms: [[2, 6, 3]],
    tops: 3,
    topShapes: [
      [2, 1, 3],
      [2, 3, 3],
      [2, 2, 3],
    ],
    bound: 'exact',
    golden: 'slice',
  },
  {
    param: 'axis: -1 slice_point: 2',
    bottoms: [[2, 2, 5]],
    tops: 2,
    topShapes: [
      [2, 2, 2],
      [2, 2, 3],
    ],
    bound: 'exact',
  },
  {
    param: 'slice_dim: 0',
    bottoms: [[4, 3]],
    tops: 2,
    topShapes: [
      [2, 3],
      [2, 3],
    ],
    bound: 'exact',
  },
  { bottoms: [[2, 3]], tops: 1, topShapes: [[2, 3]], bound: 'exact', gradient: { skip: 'one memory' } },
]);
