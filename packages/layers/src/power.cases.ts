import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Power', [
  {
    param: 'power: 2 scale: 3 shift: -1',
    bottoms: [[2, 3, 4]],
    values: { 0: { uniform: [0.5, 2] } },
    inPlace: true,
    golden: 'power_0',
  },
  {
    param: 'power: 0.37 scale: 0.8 shift: 2',
    bottoms: [[2, 3, 4]],
    values: { 0: { uniform: [0.5, 2] } },
    inPlace: true,
  },
  { param: 'power: -1.5', bottoms: [[2, 3, 4]], values: { 0: { uniform: [0.5, 2] } }, inPlace: true },
  { bottoms: [[2, 3, 4]], bound: 'exact', inPlace: true },
  { param: 'power: 0', bottoms: [[2, 3, 4]], bound: 'exact', inPlace: true },
  { param: 'power: 2 scale: 0 shift: 3', bottoms: [[2, 3, 4]], bound: 'exact', inPlace: true },
]);
