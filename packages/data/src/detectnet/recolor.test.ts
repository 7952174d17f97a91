import { expect, it } from 'vitest';
import { recolor } from './recolor.ts';

/** B,G,R of one pixel after it. */
function recolored(pixel: number[], hue: number, saturation = 1): number[] {
  const values = Float32Array.from(pixel);
  recolor({ channels: 3, height: 1, width: 1, values }, hue, saturation);
  return [...values];
}

it('turns red over green to blue and back', () => {
  const red = [0, 0, 255];
  expect(recolored(red, 60)).toEqual([0, 255, 255]);
  expect(recolored(red, 120)).toEqual([0, 255, 0]);
  expect(recolored(red, -120)).toEqual([255, 0, 0]);
  expect(recolored(red, 30)[1]).toBeCloseTo(127.5, 4);
  expect(recolored([255, 0, 0], 180)).toEqual([0, 255, 255]);
  expect(recolored([0, 200, 100], -120)).toEqual([100, 0, 200]); // green with red to red with blue
});

it('draws colours to their largest component', () => {
  expect(recolored([0, 100, 200], 0, 0.5)).toEqual([100, 150, 200]);
  expect(recolored([0, 100, 200], 0, 0)).toEqual([200, 200, 200]);
});

it('leaves grey as it is', () => {
  expect(recolored([7, 7, 7], 90, 0.1)).toEqual([7, 7, 7]);
  expect(recolored([0, 0, 0], 90, 0.1)).toEqual([0, 0, 0]);
});
