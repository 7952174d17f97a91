import { layerCases } from '@jacinto/net/testing';

const fillers = 'weight_filler { type: "gaussian" std: 0.3 } bias_filler { type: "uniform" min: -0.5 max: 0.5 }';

export const cases = layerCases('Convolution', [
  {
    param: `num_output: 4 kernel_size: 3 ${fillers}`,
    bottoms: [[2, 3, 6, 4]],
    topShapes: [[2, 4, 4, 2]],
    golden: 'conv_plain',
  },
  {
    param: `num_output: 4 kernel_size: 3 stride: 2 pad: 1 ${fillers}`,
    bottoms: [[2, 3, 6, 5]],
    topShapes: [[2, 4, 3, 3]],
  },
  { param: `num_output: 6 kernel_size: 3 pad: 1 group: 2 ${fillers}`, bottoms: [[2, 4, 4, 5]], golden: 'conv_group2' },
  {
    param: `num_output: 4 kernel_size: 3 pad: 2 dilation: 2 group: 2 ${fillers}`,
    bottoms: [[1, 4, 7, 6]],
    golden: 'conv_group_dil',
  },
  {
    param: `num_output: 4 kernel_size: 3 pad: 1 group: 4 ${fillers}`,
    bottoms: [[2, 4, 5, 4]],
    golden: 'conv_depthwise',
  },
  { param: `num_output: 3 kernel_size: 1 bias_term: false ${fillers}`, bottoms: [[2, 4, 3, 3]], golden: 'conv_one' },
  {
    param: `num_output: 2 kernel_h: 3 kernel_w: 2 stride_h: 2 stride_w: 1 pad_h: 1 pad_w: 0 ${fillers}`,
    bottoms: [[2, 2, 5, 6]],
    topShapes: [[2, 2, 3, 5]],
    golden: 'conv_rect',
  },
  {
    param: `num_output: 2 kernel_size: 3 kernel_size: 2 stride: 1 stride: 2 pad: 1 pad: 0 ${fillers}`,
    bottoms: [[2, 2, 5, 6]],
    topShapes: [[2, 2, 5, 3]],
    golden: 'conv_list',
  },
  { param: `num_output: 2 kernel_size: 3 pad: 1 ${fillers}`, bottoms: [[2, 2, 3, 4, 3]], golden: 'conv_3d' },
  { param: `num_output: 3 kernel_size: 3 stride: 2 ${fillers}`, bottoms: [[2, 2, 9]], topShapes: [[2, 3, 4]] },
  { param: `num_output: 3 kernel_size: 2 axis: 2 ${fillers}`, bottoms: [[2, 2, 2, 5]], topShapes: [[2, 2, 3, 4]] },
  {
    param: `num_output: 2 kernel_size: 2 ${fillers}`,
    bottoms: [
      [1, 2, 4, 4],
      [1, 2, 4, 4],
    ],
    tops: 2,
  },
]);
