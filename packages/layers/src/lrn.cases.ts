import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('LRN', [
  { bottoms: [[2, 7, 3, 3]], golden: 'lrn_across' },
  { param: 'local_size: 3 alpha: 0.5 beta: 0.6 k: 2', bottoms: [[2, 5, 3, 2]], golden: 'lrn_across3' },
  { param: 'norm_region: WITHIN_CHANNEL local_size: 3 alpha: 0.7', bottoms: [[2, 2, 5, 6]], golden: 'lrn_within' },
  { param: 'norm_region: WITHIN_CHANNEL', bottoms: [[1, 2, 4, 7]] },
]);
