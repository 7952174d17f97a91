import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('ELU', [
  { bottoms: [[2, 3, 4, 5]], kinks: { at: 0, range: 0.01 }, inPlace: true, golden: 'elu_0' },
  { param: 'alpha: 0.5', bottoms: [[2, 3, 4, 5]], kinks: { at: 0, range: 0.01 }, inPlace: true },
  {
    name: 'lambda above 0',
    param: 'lambda: 1.2',
    bottoms: [[2, 3]],
    values: { 0: { uniform: [0.1, 2] } },
    inPlace: true,
  },
  {
    param: 'alpha: 0.5 lambda: 1.2',
    bottoms: [[2, 3]],
    kinks: { at: 0, range: 0.01 },
    inPlace: true,
    gradient: { skip: 'caffe-jacinto multiplies the gradient below 0 by lambda too' },
  },
]);
