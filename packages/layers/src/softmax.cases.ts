import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Softmax', [
  { bottoms: [[3, 5]], inPlace: true, golden: 'softmax' },
  { bottoms: [[2, 3, 2, 4]], inPlace: true },
  { param: 'axis: 2', bottoms: [[2, 3, 4, 2]], inPlace: true, golden: 'softmax_axis2' },
  { param: 'axis: -1', bottoms: [[2, 3, 4]], inPlace: true },
]);
