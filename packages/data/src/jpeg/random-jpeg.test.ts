import { RandomStream } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { byLibjpeg } from '../testing/by-libjpeg.ts';
import { randomJpeg } from '../testing/random-jpeg.ts';
import { openJpeg } from './jpeg-picture.ts';

const sizes = [
  [1, 1],
  [4, 9],
  [5, 5],
  [16, 40],
  [47, 31],
  [130, 75],
] as const;

describe.each([
  ['4:4:4', ['11', '11', '11']],
  ['4:2:2', ['21', '11', '11']],
  ['4:2:0', ['22', '11', '11']],
  ['grey', ['11']],
  ['grey that names factors', ['22']],
])('%s', (_, factors) => {
  it.each([
    { restartInterval: 0, bits: 5, density: 6 },
    { restartInterval: 1, bits: 3, density: 2 },
    { restartInterval: 3, bits: 7, density: 40 },
    // Far beyond what a picture has: sums overflow, as they do in libjpeg-turbo's code for this processor.
    ...(process.arch === 'x64' ? [{ restartInterval: 4, bits: 10, density: 30 }] : []),
  ])(
    'random coefficients equal libjpeg-turbo: $bits bits, restart interval $restartInterval (seed 11)',
    async (options) => {
      const random = new RandomStream(11);
      for (const [width, height] of sizes) {
        const file = randomJpeg(random, { width, height, factors, ...options });
        const image = openJpeg(file, 'color', true)!.image()!;
        expect(image).toMatchObject({ width, height, channels: 3 });
        expect(Buffer.compare(image.data, await byLibjpeg(file)), `${width}×${height}`).toBe(0);
      }
    },
  );
});

it('leaves other sampling factors to libjpeg', () => {
  const random = new RandomStream(12);
  for (const factors of [
    ['41', '11', '11'],
    ['12', '11', '11'],
    ['11', '21', '11'],
  ]) {
    expect(openJpeg(randomJpeg(random, { width: 20, height: 20, factors }), 'color', true)).toBeUndefined();
  }
});

it('refuses a file whose restart markers are missing, wrong or out of place', () => {
  const make = () =>
    randomJpeg(new RandomStream(13), { width: 64, height: 8, factors: ['11'], restartInterval: 2, bits: 4 });
  const at = make().lastIndexOf(Buffer.of(0xff, 0xd1));
  expect(openJpeg(make(), 'color', true)!.image()).toBeDefined();
  const wrong = make();
  wrong[at + 1] = 0xd2;
  expect(openJpeg(wrong, 'color', true)!.image()).toBeUndefined();
  const longer = Buffer.concat([make().subarray(0, at), Buffer.of(0, 0, 0), make().subarray(at)]);
  expect(openJpeg(longer, 'color', true)!.image()).toBeUndefined();
  const without = Buffer.concat([make().subarray(0, at), make().subarray(at + 2)]);
  expect(openJpeg(without, 'color', true)!.image()).toBeUndefined();
});

it('refuses Huffman tables that libjpeg refuses', () => {
  const make = () => randomJpeg(new RandomStream(14), { width: 8, height: 8, factors: ['11'] });
  const dc = make().indexOf(Buffer.of(0xff, 0xc4)) + 5;
  const withSize16 = make();
  withSize16[dc + 16 + 11] = 16; // no difference of DC has 16 bits
  expect(openJpeg(withSize16, 'color', true)!.image()).toBeUndefined();
  const withAllOnes = make();
  withAllOnes[dc + 1] = 4; // all codes of two bits are taken
  withAllOnes.fill(0, dc + 2, dc + 16);
  withAllOnes[dc + 2] = 8;
  expect(openJpeg(withAllOnes, 'color', true)!.image()).toBeUndefined();
});
