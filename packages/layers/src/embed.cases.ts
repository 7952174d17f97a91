import { layerCases } from '@jacinto/net/testing';

const fillers = 'weight_filler { type: "gaussian" std: 0.3 } bias_filler { type: "uniform" min: -0.5 max: 0.5 }';

export const cases = layerCases('Embed', [
  {
    param: `input_dim: 11 num_output: 4 ${fillers}`,
    bottoms: [[4, 3]],
    values: { 0: { integers: 11 } },
    topShapes: [[4, 3, 4]],
    golden: 'embed',
  },
  {
    param: `input_dim: 3 num_output: 2 ${fillers}`,
    bottoms: [[5]],
    values: { 0: { integers: 3 } },
    topShapes: [[5, 2]],
  },
  {
    param: `input_dim: 4 num_output: 3 bias_term: false ${fillers}`,
    bottoms: [[2, 1, 2]],
    values: { 0: { integers: 4 } },
    topShapes: [[2, 1, 2, 3]],
  },
]);
