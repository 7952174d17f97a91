import { layerCases } from '@jacinto/net/testing';

const param = 'num_output: 3 weight_filler { type: "gaussian" }';

export const cases = layerCases('CenterLoss', [
  { param, bottoms: [[4, 5], [4]], values: { 1: { integers: 3 } } },
  {
    param,
    bottoms: [
      [2, 2, 3],
      [2, 1],
    ],
    values: { 1: { integers: 3 } },
  },
  { param, bottoms: [[6, 1], [6]], values: { 1: { values: [2, 2, 0] } } },
]);
