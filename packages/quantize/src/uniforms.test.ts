import { randomAt } from '@jacinto/core-tensor';
import { expect, it } from 'vitest';
import { uniforms } from './uniforms.ts';

it.each([
  [1, 2, 3],
  [2 ** 40 + 5, 0x51000000, 2 ** 31],
])('are those of randomAt(%d, %d, %d), in any order', (seed, stream, draw) => {
  const random = uniforms(seed, stream, draw);
  for (const i of [0, 1, 2, 3, 4, 9, 2, 1_000_003]) {
    expect(random(i)).toBe((randomAt(seed, stream, draw, i) >>> 8) / 2 ** 24);
  }
});
