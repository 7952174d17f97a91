import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Scale', [
  {
    param: 'filler { type: "uniform" min: 0.5 max: 2 } bias_filler { type: "gaussian" }',
    bottoms: [[2, 3, 2, 4]],
    inPlace: true,
  },
  {
    param: 'filler { type: "uniform" min: 0.5 max: 2 } bias_filler { type: "gaussian" } bias_term: true',
    bottoms: [[2, 3, 2, 4]],
    inPlace: true,
    golden: 'scale_learned',
  },
  {
    param:
      'filler { type: "uniform" min: 0.5 max: 2 } bias_filler { type: "gaussian" } axis: 2 num_axes: 2 bias_term: true',
    bottoms: [[2, 3, 2, 4]],
    inPlace: true,
    golden: 'scale_axis',
  },
  {
    param: 'filler { type: "uniform" min: 0.5 max: 2 } bias_filler { type: "gaussian" } axis: 0 num_axes: -1',
    bottoms: [[2, 3, 4]],
    inPlace: true,
  },
  {
    param: 'filler { type: "uniform" min: 0.5 max: 2 } bias_filler { type: "gaussian" } num_axes: 0 bias_term: true',
    bottoms: [[2, 3, 4]],
    inPlace: true,
  },
  {
    param: 'axis: 0',
    bottoms: [
      [2, 3, 2, 4],
      [2, 3],
    ],
    inPlace: true,
    golden: 'scale_two',
  },
  {
    param: 'bias_term: true bias_filler { type: "gaussian" }',
    bottoms: [
      [2, 3, 2, 4],
      [3, 2],
    ],
    inPlace: true,
  },
  { bottoms: [[2, 3, 4], []], inPlace: true },
]);
