import { layerCases } from '@jacinto/net/testing';

const pairs = (n: number, c: number): number[][] => [[n, c], [n, c], [n]];
const alike = { 2: { integers: 2 } } as const;

export const cases = layerCases('ContrastiveLoss', [
  { param: 'margin: 3', bottoms: pairs(5, 6), values: alike, golden: 'contrastive' },
  { param: 'margin: 9 legacy_version: true', bottoms: pairs(5, 3), values: alike, golden: 'contrastive_legacy' },
  { param: 'margin: 20', bottoms: pairs(3, 2), values: { 2: { constant: 0 } } },
  { bottoms: pairs(3, 2), values: { 2: { constant: 1 } } },
]);
