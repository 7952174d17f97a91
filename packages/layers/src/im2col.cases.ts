import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Im2col', [
  { param: 'kernel_size: 3 pad: 1 stride: 2', bottoms: [[2, 2, 5, 4]], topShapes: [[2, 18, 3, 2]], golden: 'im2col' },
  { param: 'kernel_h: 2 kernel_w: 1 dilation: 2', bottoms: [[1, 3, 4, 3]], topShapes: [[1, 6, 2, 3]] },
  { param: 'kernel_size: 2', bottoms: [[2, 2, 4]], topShapes: [[2, 4, 3]] },
  { param: 'kernel_size: 2 stride: [1, 2, 1]', bottoms: [[1, 2, 2, 4, 3]], topShapes: [[1, 16, 1, 2, 2]] },
  { param: 'kernel_size: 2 axis: 2', bottoms: [[2, 1, 2, 3, 3]], topShapes: [[2, 1, 8, 2, 2]] },
]);
