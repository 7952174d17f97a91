import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Threshold', [
  { bottoms: [[2, 3, 4, 5]], bound: 'exact', inPlace: true, gradient: { skip: 'no gradient' }, golden: 'threshold' },
  { param: 'threshold: 0.5', bottoms: [[2, 3, 4, 5]], bound: 'exact', gradient: { skip: 'no gradient' } },
]);
