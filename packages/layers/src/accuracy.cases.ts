import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Accuracy', [
  {
    bottoms: [[7, 5], [7]],
    values: { 1: { integers: 5 } },
    tops: 2,
    bound: 'exact',
    gradient: { skip: 'no gradient' },
    golden: 'accuracy',
  },
  {
    param: 'top_k: 3',
    bottoms: [[7, 5], [7]],
    values: { 1: { integers: 5 } },
    bound: 'exact',
    gradient: { skip: 'no gradient' },
    golden: 'accuracy_top3',
  },
  {
    param: 'axis: 1 ignore_label: 2',
    bottoms: [
      [2, 5, 3, 4],
      [2, 3, 4],
    ],
    values: { 1: { integers: 5 } },
    tops: 2,
    bound: 'exact',
    gradient: { skip: 'no gradient' },
    golden: 'accuracy_spatial',
  },
]);
