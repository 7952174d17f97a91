import { expect, it } from 'vitest';
import { oddLines, spreadPlanes } from './cache-sets.ts';

/** Lines in the fullest of 64 sets, of `channels` pieces of 4 lines. */
function fullest(distance: number, channels: number): number {
  const sets = new Array<number>(64).fill(0);
  for (let c = 0; c < channels; c++) {
    for (let line = 0; line < 4; line++) sets[((c * distance) / 16 + line) % 64]!++;
  }
  return Math.max(...sets);
}

it('pieces a power of two apart are moved so that they share the sets of a cache evenly', () => {
  expect(fullest(1024, 32)).toBe(32);
  const distance = spreadPlanes(1024, [0], 64, 32);
  expect(distance).toBeGreaterThan(1024);
  expect(distance).toBeLessThan(2048);
  expect(fullest(distance, 32)).toBeLessThanOrEqual(3);
});

it('what is spread already stays where it is, in whole lines', () => {
  expect(spreadPlanes(1030, [0], 64, 1)).toBe(1040);
  expect(spreadPlanes(4 * 16, [0], 64, 16)).toBe(64);
});

it('an odd number of lines', () => {
  expect([1, 16, 17, 32, 33, 48].map(oddLines)).toEqual([16, 16, 48, 48, 48, 48]);
});
