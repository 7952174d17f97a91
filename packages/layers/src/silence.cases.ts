import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Silence', [
  { bottoms: [[2, 3], [4]] },
  { bottoms: [[5]] },
  { bottoms: [[1, 2, 1, 3], [2], []] },
]);
