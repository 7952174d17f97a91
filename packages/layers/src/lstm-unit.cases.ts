import { layerCases } from '@jacinto/net/testing';

const step = (n: number, d: number): number[][] => [
  [1, n, d],
  [1, n, 4 * d],
  [1, n],
];
const rule = { bottoms: [0, 1] };

export const cases = layerCases('LSTMUnit', [
  { name: 'sequences go on', bottoms: step(3, 4), values: { 2: { constant: 1 } }, gradient: rule },
  { name: 'sequences begin', bottoms: step(2, 3), values: { 2: { constant: 0 } }, gradient: rule },
  { name: 'some begin', bottoms: step(4, 2), values: { 2: { integers: 2 } }, gradient: rule },
]);
