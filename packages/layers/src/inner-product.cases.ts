import { layerCases } from '@jacinto/net/testing';

const fillers = 'weight_filler { type: "gaussian" std: 0.3 } bias_filler { type: "uniform" min: -0.5 max: 0.5 }';

export const cases = layerCases('InnerProduct', [
  { param: `num_output: 5 ${fillers}`, bottoms: [[3, 2, 2, 3]], topShapes: [[3, 5]], golden: 'ip_plain' },
  { param: `num_output: 4 transpose: true ${fillers}`, bottoms: [[3, 6]], topShapes: [[3, 4]], golden: 'ip_transpose' },
  { param: `num_output: 3 axis: 2 ${fillers}`, bottoms: [[2, 3, 4]], topShapes: [[2, 3, 3]], golden: 'ip_axis2' },
  {
    param: `num_output: 3 axis: -1 bias_term: false ${fillers}`,
    bottoms: [[2, 2, 5]],
    topShapes: [[2, 2, 3]],
    golden: 'ip_nobias',
  },
  { param: `num_output: 2 axis: 0 ${fillers}`, bottoms: [[2, 3]], topShapes: [[2]] },
]);
