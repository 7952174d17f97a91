import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Log', [
  { bottoms: [[2, 3, 4]], values: { 0: { uniform: [0.5, 2] } }, inPlace: true, golden: 'log_0' },
  {
    param: 'base: 2 scale: 3 shift: 1',
    bottoms: [[2, 3, 4]],
    values: { 0: { uniform: [0.5, 2] } },
    inPlace: true,
    golden: 'log_1',
  },
  { param: 'base: 0.5', bottoms: [[2, 3, 4]], values: { 0: { uniform: [0.5, 2] } }, inPlace: true },
]);
