import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Tile', [
  { param: 'tiles: 3', bottoms: [[2, 3, 4]], topShapes: [[2, 9, 4]], golden: 'tile' },
  { param: 'axis: 0 tiles: 2', bottoms: [[2, 3]], topShapes: [[4, 3]] },
  { param: 'axis: -1 tiles: 1', bottoms: [[2, 3]], topShapes: [[2, 3]] },
]);
