import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Reshape', [
  {
    param: 'shape { dim: 0 dim: -1 dim: 2 }',
    bottoms: [[2, 4, 3, 2]],
    topShapes: [[2, 12, 2]],
    bound: 'exact',
    gradient: { skip: 'one memory' },
    golden: 'reshape',
  },
  {
    param: 'axis: 1 num_axes: 2 shape { dim: 3 dim: 2 dim: 2 }',
    bottoms: [[2, 4, 3, 2]],
    topShapes: [[2, 3, 2, 2, 2]],
    bound: 'exact',
    gradient: { skip: 'one memory' },
    golden: 'reshape_axis',
  },
  {
    param: 'axis: -1 shape { dim: 1 dim: 1 }',
    bottoms: [[2, 4]],
    topShapes: [[2, 4, 1, 1]],
    bound: 'exact',
    gradient: { skip: 'one memory' },
  },
  {
    param: 'axis: 1 num_axes: 0 shape { dim: 1 }',
    bottoms: [[2, 4]],
    topShapes: [[2, 1, 4]],
    bound: 'exact',
    gradient: { skip: 'one memory' },
  },
]);
