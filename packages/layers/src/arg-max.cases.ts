import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('ArgMax', [
  { bottoms: [[3, 4, 2]], topShapes: [[3, 1, 1]], bound: 'exact', gradient: { skip: 'no gradient' }, golden: 'argmax' },
  {
    param: 'top_k: 3 out_max_val: true',
    bottoms: [[3, 4, 2]],
    topShapes: [[3, 2, 3]],
    bound: 'exact',
    gradient: { skip: 'no gradient' },
    golden: 'argmax_top3',
  },
  {
    param: 'axis: 1 top_k: 2',
    bottoms: [[3, 4, 2]],
    topShapes: [[3, 2, 2]],
    bound: 'exact',
    gradient: { skip: 'no gradient' },
    golden: 'argmax_axis',
  },
]);
