import { layerCases } from '@jacinto/net/testing';

const pair = (...shape: number[]): number[][] => [shape, shape];
const targets = { 1: { uniform: [0, 1] } } as const;
const yesNo = { 1: { integers: 2 } } as const;

export const cases = layerCases('SigmoidCrossEntropyLoss', [
  { bottoms: pair(2, 3, 2, 2), values: targets, golden: 'sigmoidce' },
  {
    bottoms: [
      [3, 4],
      [3, 2, 2],
    ],
    values: yesNo,
  },
  { layer: 'loss_param { ignore_label: 2 }', bottoms: pair(3, 4), values: { 1: { integers: 3 } } },
  {
    layer: 'loss_param { ignore_label: 2 normalization: VALID }',
    bottoms: pair(3, 4),
    values: { 1: { integers: 3 } },
  },
  { layer: 'loss_param { normalization: FULL }', bottoms: pair(3, 4), values: yesNo },
  { layer: 'loss_param { normalization: NONE }', bottoms: pair(3, 4), values: yesNo },
]);
