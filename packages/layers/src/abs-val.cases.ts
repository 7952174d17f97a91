import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('AbsVal', [
  { bottoms: [[2, 3, 4, 5]], bound: 'exact', kinks: { at: 0, range: 0.01 }, inPlace: true, golden: 'absval_0' },
  {
    bottoms: [[7]],
    values: { 0: { uniform: [-30, 30] } },
    bound: 'exact',
    kinks: { at: 0, range: 0.01 },
    inPlace: true,
  },
  { bottoms: [[3, 1, 3]], values: { 0: { uniform: [-0.2, -0.1] } }, bound: 'exact', inPlace: true },
]);
