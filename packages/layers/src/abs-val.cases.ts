import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('AbsVal', [
  { bottoms: [[2, 3, 4, 5]], bound: 'exact', kinks: { at: 0, range: 0.01 }, inPlace: true, golden: 'absval_0' },
]);
