import { layerCases } from '@jacinto/net/testing';

const rule = { bottoms: [0] };

export const cases = layerCases('BatchReindex', [
  {
    bottoms: [[3, 2, 2], [5]],
    values: { 1: { values: [2, 0, 2, 1, 2] } },
    topShapes: [[5, 2, 2]],
    gradient: rule,
    bound: 'exact',
    golden: 'batch_reindex',
  },
  { bottoms: [[4, 3], [2]], values: { 1: { values: [3, 1] } }, gradient: rule, bound: 'exact' },
  { bottoms: [[3], [3]], values: { 1: { values: [1, 1, 1] } }, topShapes: [[3]], gradient: rule, bound: 1e-6 },
]);
