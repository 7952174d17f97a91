import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Exp', [
  { bottoms: [[2, 3, 4]], inPlace: true, golden: 'exp_0' },
  { param: 'base: 2 scale: 0.5 shift: 1', bottoms: [[2, 3, 4]], inPlace: true, golden: 'exp_1' },
  { param: 'scale: -0.5 shift: 0.3', bottoms: [[2, 3, 4]], inPlace: true },
]);
