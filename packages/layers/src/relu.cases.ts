import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('ReLU', [
  { bottoms: [[2, 3, 4, 5]], bound: 'exact', kinks: { at: 0, range: 0.01 }, inPlace: true, golden: 'relu_0' },
  {
    param: 'negative_slope: 0.1',
    bottoms: [[2, 3, 4, 5]],
    kinks: { at: 0, range: 0.01 },
    inPlace: true,
    golden: 'relu_1',
  },
  { param: 'negative_slope: -0.3', bottoms: [[7]], kinks: { at: 0, range: 0.01 } },
]);
