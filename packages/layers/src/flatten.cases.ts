import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Flatten', [
  {
    bottoms: [[2, 3, 2, 3]],
    topShapes: [[2, 18]],
    bound: 'exact',
    gradient: { skip: 'one memory' },
    golden: 'flatten',
  },
  {
    param: 'axis: 1 end_axis: 2',
    bottoms: [[2, 3, 2, 3]],
    topShapes: [[2, 6, 3]],
    bound: 'exact',
    gradient: { skip: 'one memory' },
    golden: 'flatten13',
  },
  {
    param: 'axis: -2 end_axis: -1',
    bottoms: [[2, 3, 2, 3]],
    topShapes: [[2, 3, 6]],
    bound: 'exact',
    gradient: { skip: 'one memory' },
    golden: 'flatten2',
  },
]);
