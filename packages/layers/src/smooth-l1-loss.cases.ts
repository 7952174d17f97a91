import { layerCases } from '@jacinto/net/testing';

const pair = (...shape: number[]): number[][] => [shape, shape];

export const cases = layerCases('SmoothL1Loss', [
  { bottoms: pair(3, 4), values: { 0: { uniform: [-0.4, 0.4] }, 1: { uniform: [-0.4, 0.4] } } },
  { bottoms: pair(2, 3, 2), values: { 0: { uniform: [2, 3] }, 1: { uniform: [-3, -2] } } },
  { name: 'both parts', bottoms: pair(4, 5) },
  {
    name: 'weights 0 and 1',
    bottoms: [...pair(3, 4), [3, 4]],
    values: { 2: { integers: 2 } },
    gradient: { bottoms: [0, 1] },
  },
]);
