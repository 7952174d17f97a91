import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('PReLU', [
  { bottoms: [[2, 3, 4, 5]], kinks: { at: 0, range: 0.01 }, inPlace: true, golden: 'prelu_0' },
  {
    param: 'channel_shared: true filler { type: "constant" value: -0.3 }',
    bottoms: [[2, 3, 4]],
    kinks: { at: 0, range: 0.01 },
    inPlace: true,
    golden: 'prelu_1',
  },
  { param: 'filler { type: "gaussian" std: 0.5 }', bottoms: [[3, 4]], kinks: { at: 0, range: 0.01 }, inPlace: true },
]);
