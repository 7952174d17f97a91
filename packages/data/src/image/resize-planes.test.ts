import { RandomStream } from '@jacinto/core-tensor';
import { expect, it } from 'vitest';
import { planesOf } from './image.ts';
import { resize } from './resize.ts';
import { resizePlanes } from './resize-planes.ts';

it.each([
  [5, 7],
  [9, 31],
  [24, 3],
  [1, 1],
])('is the cubic resize of 8-bit pictures without rounding: to %i × %i (seed 3)', (height, width) => {
  const random = new RandomStream(3, 1);
  // Values that overshoot no limit of 8 bits.
  const data = Uint8Array.from({ length: 11 * 13 * 3 }, () => 100 + random.integer(50));
  const image = { channels: 3, height: 11, width: 13, data };
  const expected = planesOf(resize(image, height, width, 'cubic'));
  const made = resizePlanes({ ...image, values: Float32Array.from(planesOf(image)) }, height, width);
  expect([made.channels, made.height, made.width]).toEqual([3, height, width]);
  made.values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(0.75);
  });
});
