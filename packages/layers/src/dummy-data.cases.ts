import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('DummyData', [
  { param: 'shape { dim: 2 dim: 3 }', bottoms: [], topShapes: [[2, 3]], bound: 'exact' },
  {
    param: 'num: 2 channels: 3 height: 4 width: 5 data_filler { type: "gaussian" }',
    bottoms: [],
    topShapes: [[2, 3, 4, 5]],
    bound: 'exact',
  },
]);
