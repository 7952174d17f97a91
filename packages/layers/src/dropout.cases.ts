import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Dropout', [
  { bottoms: [[2, 3, 4, 5]], bound: 'exact', inPlace: true },
  { param: 'dropout_ratio: 0.2 random_seed: 7', bottoms: [[2, 3, 4]], inPlace: true },
  { param: 'dropout_ratio: 0', bottoms: [[2, 3, 4]], bound: 'exact', inPlace: true },
  { bottoms: [[2, 3, 4]], phase: 'TEST', bound: 'exact', inPlace: true, golden: 'dropout_test' },
]);
