import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Sigmoid', [
  { bottoms: [[2, 3, 4, 5]], inPlace: true, golden: 'sigmoid_0' },
  { bottoms: [[7]], values: { 0: { uniform: [-20, 20] } }, inPlace: true },
  { bottoms: [[3, 1, 3]], values: { 0: { uniform: [-1, 0] } }, inPlace: true },
]);
