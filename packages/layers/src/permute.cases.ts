import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Permute', [
  { param: 'order: [0, 2, 3, 1]', bottoms: [[2, 3, 4, 5]], topShapes: [[2, 4, 5, 3]], bound: 'exact' },
  { param: 'order: [2]', bottoms: [[2, 3, 4]], topShapes: [[4, 2, 3]], bound: 'exact' },
  { param: 'order: [1, 0]', bottoms: [[3, 2]], topShapes: [[2, 3]], bound: 'exact' },
  { param: 'order: [4, 3, 2, 1, 0]', bottoms: [[2, 1, 3, 2, 2]], topShapes: [[2, 2, 3, 1, 2]], bound: 'exact' },
  { name: 'no change', bottoms: [[2, 3]], topShapes: [[2, 3]], bound: 'exact', gradient: { skip: 'one memory' } },
]);
