import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('HingeLoss', [
  { bottoms: [[3, 5], [3]], values: { 1: { integers: 5 } }, kinks: { at: 1, range: 0.02 }, golden: 'hinge_l1' },
  { param: 'norm: L2', bottoms: [[3, 5], [3]], values: { 1: { integers: 5 } }, golden: 'hinge_l2' },
  {
    param: 'norm: L2',
    bottoms: [
      [2, 2, 1, 3],
      [2, 1, 1, 1],
    ],
    values: { 1: { integers: 6 } },
  },
  {
    param: 'norm: L1',
    bottoms: [
      [2, 3, 2],
      [2, 1],
    ],
    values: { 1: { integers: 6 } },
    kinks: { at: 1, range: 0.02 },
  },
]);
