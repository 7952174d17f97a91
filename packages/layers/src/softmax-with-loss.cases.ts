import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('SoftmaxWithLoss', [
  { bottoms: [[4, 5], [4]], values: { 1: { integers: 5 } }, golden: 'softmaxloss' },
  {
    bottoms: [
      [2, 5, 2, 3],
      [2, 1, 2, 3],
    ],
    values: { 1: { integers: 5 } },
    tops: 2,
    gradient: { tops: [0] },
  },
  {
    param: 'axis: 2',
    bottoms: [
      [2, 3, 4, 2],
      [2, 3, 2],
    ],
    values: { 1: { integers: 4 } },
    golden: 'softmaxloss_axis',
  },
  {
    layer: 'loss_param { ignore_label: 2 }',
    bottoms: [
      [2, 5, 2, 3],
      [2, 2, 3],
    ],
    values: { 1: { integers: 5 } },
    golden: 'softmaxloss_spatial_ignore',
  },
  {
    layer: 'loss_param { ignore_label: 2 normalization: FULL }',
    bottoms: [
      [2, 5, 2, 3],
      [2, 2, 3],
    ],
    values: { 1: { integers: 5 } },
    golden: 'softmaxloss_full',
  },
  {
    layer: 'loss_param { ignore_label: 2 normalization: BATCH_SIZE }',
    bottoms: [
      [2, 5, 2, 3],
      [2, 2, 3],
    ],
    values: { 1: { integers: 5 } },
    golden: 'softmaxloss_batch',
  },
  {
    layer: 'loss_param { ignore_label: 2 normalization: NONE }',
    bottoms: [
      [2, 5, 2, 3],
      [2, 2, 3],
    ],
    values: { 1: { integers: 5 } },
    golden: 'softmaxloss_none_w',
  },
  {
    layer: 'loss_param { normalize: false }',
    bottoms: [
      [2, 5, 2, 3],
      [2, 2, 3],
    ],
    values: { 1: { integers: 5 } },
  },
  { layer: 'loss_param { ignore_label: 255 }', bottoms: [[3, 4], [3]], values: { 1: { constant: 255 } } },
]);
