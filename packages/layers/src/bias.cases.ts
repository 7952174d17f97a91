import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Bias', [
  { param: 'filler { type: "gaussian" }', bottoms: [[2, 3, 2, 4]], inPlace: true, golden: 'bias_learned' },
  { param: 'filler { type: "gaussian" } axis: -2 num_axes: -1', bottoms: [[2, 3, 2, 4]], inPlace: true },
  { param: 'num_axes: 0 filler { value: -128 }', bottoms: [[2, 3, 4]], inPlace: true },
  {
    bottoms: [
      [2, 3, 2, 4],
      [3, 2],
    ],
    inPlace: true,
  },
  { param: 'axis: 0', bottoms: [[2, 3, 4], [2]], inPlace: true },
]);
