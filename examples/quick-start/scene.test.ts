import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
// @ts-expect-error plain JavaScript, as an example should be
import { randomFrom } from './src/random.mjs';
// @ts-expect-error plain JavaScript
import { drawScene, side } from './src/scene.mjs';
// @ts-expect-error plain JavaScript
import { signs } from './src/signs.mjs';

it('has ten kinds of signs, no two painted alike', () => {
  expect(signs).toHaveLength(10);
  const prints = signs.map(({ paint }: { paint: [(x: number, y: number) => boolean, number[]][] }) => {
    const hash = createHash('sha1');
    for (let y = -0.95; y < 1; y += 0.1) {
      for (let x = -0.95; x < 1; x += 0.1) hash.update(String(paint.findLast(([inside]) => inside(x, y))?.[1]));
    }
    return hash.digest('hex');
  });
  expect(new Set(prints).size).toBe(10);
});

it('draws the same picture from the same seed, and another from another', () => {
  const draw = (seed: number) => drawScene(signs[0], randomFrom(seed));
  expect(draw(1)).toHaveLength(side * side * 3);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
