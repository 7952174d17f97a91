import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Filter', [
  {
    layer: 'bottom: "x" bottom: "s"',
    bottoms: [[4, 2, 3], [4]],
    values: { 1: { values: [0, 1, 0, 1] } },
    topShapes: [[2, 2, 3]],
    gradient: { bottoms: [0] },
    bound: 'exact',
    golden: 'filter',
  },
  {
    layer: 'bottom: "x" bottom: "y" bottom: "s"',
    bottoms: [
      [3, 2],
      [3, 1, 2],
      [3, 1, 1, 1],
    ],
    values: { 2: { values: [1, 0, -2] } },
    tops: 2,
    topShapes: [
      [2, 2],
      [2, 1, 2],
    ],
    gradient: { bottoms: [0, 1] },
    bound: 'exact',
  },
  {
    layer: 'bottom: "x" bottom: "s"',
    bottoms: [[3], [3]],
    values: { 1: { constant: 1 } },
    topShapes: [[3]],
    gradient: { bottoms: [0] },
    bound: 'exact',
  },
]);
