import { expect, it } from 'vitest';
import { bestClass } from './best-class.ts';

it.each([
  [[1, 3, 2], 1],
  [[3, 1, 3], 2],
  [[0, 0, 0], 2],
  [[5, 4, 4], 0],
])('of %j: %d', (scores, wanted) => {
  expect(bestClass([9, ...scores, 9], 1, 3)).toBe(wanted);
});
