import { layerCases } from '@jacinto/net/testing';

const pair = (...shape: number[]): number[][] => [shape, shape];
/** The second bottom far from the first: the kink at a = b is not met. */
const apart = { 1: { uniform: [3, 9] } } as const;

export const cases = layerCases('L1Loss', [
  { bottoms: pair(3, 4), values: { 0: { uniform: [-1, 1] }, ...apart } },
  { bottoms: pair(2, 3, 2), values: { 0: { uniform: [10, 12] }, ...apart } },
  {
    bottoms: [
      [2, 3, 2],
      [2, 6],
    ],
    values: { 0: { uniform: [-1, 1] }, ...apart },
  },
]);
