import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Input', [
  { param: 'shape { dim: 2 dim: 3 } shape { dim: 4 }', bottoms: [], tops: 2, topShapes: [[2, 3], [4]], bound: 'exact' },
]);
