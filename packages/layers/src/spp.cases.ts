import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('SPP', [
  { param: 'pyramid_height: 3', bottoms: [[2, 2, 9, 7]], topShapes: [[2, 42]], kinks: 'ties', golden: 'spp' },
  { param: 'pyramid_height: 1 pool: AVE', bottoms: [[2, 3, 4, 5]], topShapes: [[2, 3]] },
  { param: 'pyramid_height: 3 pool: AVE', bottoms: [[1, 2, 8, 6]], topShapes: [[1, 42]] },
  { param: 'pyramid_height: 2', bottoms: [[1, 2, 3, 4]], topShapes: [[1, 10]], kinks: 'ties' },
]);
