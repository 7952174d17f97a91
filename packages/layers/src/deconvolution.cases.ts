import { layerCases } from '@jacinto/net/testing';

const fillers = 'weight_filler { type: "gaussian" std: 0.3 } bias_filler { type: "uniform" min: -0.5 max: 0.5 }';

export const cases = layerCases('Deconvolution', [
  {
    param: `num_output: 3 kernel_size: 3 ${fillers}`,
    bottoms: [[2, 2, 3, 4]],
    topShapes: [[2, 3, 5, 6]],
    golden: 'deconv_k3',
  },
  {
    param: 'num_output: 4 kernel_size: 4 stride: 2 pad: 1 group: 4 bias_term: false weight_filler { type: "bilinear" }',
    bottoms: [[1, 4, 3, 4]],
    topShapes: [[1, 4, 6, 8]],
    golden: 'deconv_bilinear',
  },
  {
    param: `num_output: 4 kernel_size: 3 stride: 2 pad: 1 group: 2 ${fillers}`,
    bottoms: [[2, 2, 3, 3]],
    topShapes: [[2, 4, 5, 5]],
    golden: 'deconv_group',
  },
  {
    param: `num_output: 2 kernel_size: 3 dilation: 2 stride: 2 ${fillers}`,
    bottoms: [[1, 3, 3, 2]],
    topShapes: [[1, 2, 9, 7]],
    golden: 'deconv_dil',
  },
  {
    param: `num_output: 2 kernel_size: 2 stride: 2 ${fillers}`,
    bottoms: [[1, 2, 2, 3, 2]],
    topShapes: [[1, 2, 4, 6, 4]],
  },
  {
    param: `num_output: 2 kernel_h: 3 kernel_w: 1 ${fillers}`,
    bottoms: [
      [1, 2, 2, 3],
      [1, 2, 2, 3],
    ],
    tops: 2,
  },
]);
