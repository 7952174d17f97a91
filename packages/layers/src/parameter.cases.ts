import { layerCases } from '@jacinto/net/testing';

const blobs = { 0: { gaussian: {} } };

export const cases = layerCases('Parameter', [
  { param: 'shape { dim: 2 dim: 3 }', bottoms: [], blobs, topShapes: [[2, 3]], bound: 'exact' },
  { param: 'shape { dim: 5 }', bottoms: [], blobs, topShapes: [[5]], bound: 'exact' },
  { name: 'a scalar', param: 'shape { }', bottoms: [], blobs, topShapes: [[]], bound: 'exact' },
]);
