import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('MVN', [
  { bottoms: [[2, 3, 4, 3]], inPlace: true, golden: 'mvn' },
  { param: 'across_channels: true', bottoms: [[2, 3, 2, 3]], inPlace: true, golden: 'mvn_across' },
  { param: 'normalize_variance: false', bottoms: [[2, 3, 2, 2]], inPlace: true, golden: 'mvn_mean' },
  { param: 'eps: 1e-4', bottoms: [[3, 2, 4]], inPlace: true },
  { param: 'across_channels: true normalize_variance: false', bottoms: [[3, 5]], inPlace: true },
]);
