import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Pooling', [
  {
    param: 'kernel_size: 3 stride: 2 round_mode: FLOOR',
    bottoms: [[1, 2, 6, 7]],
    topShapes: [[1, 2, 2, 3]],
    kinks: 'ties',
  },
  {
    param: 'kernel_size: 2 stride: 2',
    bottoms: [[2, 3, 4, 6]],
    topShapes: [[2, 3, 2, 3]],
    bound: 'exact',
    golden: 'pool_max2',
    kinks: 'ties',
  },
  {
    param: 'kernel_size: 3 stride: 2 pad: 1',
    bottoms: [[2, 2, 7, 6]],
    topShapes: [[2, 2, 4, 4]],
    bound: 1e-6, // windows overlap: gradients are sums
    golden: 'pool_max3pad',
    kinks: 'ties',
  },
  {
    param: 'kernel_h: 3 kernel_w: 2 stride_h: 1 stride_w: 2 pad_h: 1',
    bottoms: [[1, 2, 5, 5]],
    topShapes: [[1, 2, 5, 3]],
    bound: 1e-6,
    golden: 'pool_max_rect',
    kinks: 'ties',
  },
  {
    param: 'kernel_size: 3 stride: 2',
    bottoms: [[2, 2, 7, 6]],
    tops: 2,
    bound: 1e-6,
    kinks: 'ties',
    gradient: { tops: [0] },
    golden: 'pool_max_mask',
  },
  {
    param: 'global_pooling: true',
    bottoms: [[2, 3, 3, 4]],
    topShapes: [[2, 3, 1, 1]],
    bound: 'exact',
    golden: 'pool_max_global',
    kinks: 'ties',
  },
  { param: 'pool: AVE kernel_size: 2 stride: 2', bottoms: [[2, 3, 4, 5]], golden: 'pool_ave2' },
  { param: 'pool: AVE kernel_size: 3 stride: 2 pad: 1', bottoms: [[2, 2, 7, 6]], golden: 'pool_ave3pad' },
  { param: 'pool: AVE kernel_size: 5 stride: 3 pad: 2', bottoms: [[1, 2, 7, 9]], golden: 'pool_ave5' },
  { param: 'pool: AVE global_pooling: true', bottoms: [[2, 3, 3, 4]], golden: 'pool_ave_global' },
  {
    param: 'pool: STOCHASTIC kernel_size: 3 stride: 2',
    bottoms: [[2, 2, 5, 6]],
    values: { 0: { uniform: [0, 1] } },
    gradient: { skip: 'the choice depends on the values' },
  },
  {
    param: 'pool: STOCHASTIC kernel_size: 2',
    bottoms: [[2, 2, 3, 4]],
    values: { 0: { uniform: [0, 1] } },
    phase: 'TEST',
    gradient: { skip: 'no gradient in TEST' },
  },
]);
