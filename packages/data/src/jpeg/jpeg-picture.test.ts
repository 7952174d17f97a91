import { readFileSync } from 'node:fs';
import { RandomStream } from '@jacinto/core-tensor';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ColorMode } from '../image/decode.ts';
import type { Image } from '../image/image.ts';
import { byLibjpeg } from '../testing/by-libjpeg.ts';
import { hasShared, shared } from '../testing/shared.ts';
import { openJpeg } from './jpeg-picture.ts';

function decodeJpeg(file: Uint8Array, mode: ColorMode, orient: boolean): Image | undefined {
  return openJpeg(file, mode, orient)?.image();
}

function picture(seed: number, width: number, height: number, smooth: boolean): Buffer {
  const random = new RandomStream(seed);
  const at = (x: number, y: number, c: number) => 128 + 120 * Math.sin(x / 5 + c) * Math.cos(y / 7 - c);
  return Buffer.from(
    Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return smooth ? at(pixel % width, Math.floor(pixel / width), i % 3) : random.integer(256);
    }),
  );
}

const sizes = [
  [1, 1],
  [2, 3],
  [3, 2],
  [5, 16],
  [16, 5],
  [17, 33],
  [32, 32],
  [100, 47],
] as const;
const settings = [
  { quality: 30, chromaSubsampling: '4:2:0' },
  { quality: 95, chromaSubsampling: '4:2:0' },
  { quality: 75, chromaSubsampling: '4:4:4' },
  { quality: 100, chromaSubsampling: '4:4:4' },
  { quality: 90, chromaSubsampling: '4:2:0', optimizeCoding: false },
];

describe.each(sizes)('%d×%d', (width, height) => {
  it.each(settings)('equals libjpeg-turbo: $quality $chromaSubsampling', async (options) => {
    for (const [seed, smooth] of [
      [1, true],
      [2, false],
    ] as const) {
      const file = await sharp(picture(seed, width, height, smooth), { raw: { width, height, channels: 3 } })
        .jpeg(options)
        .toBuffer();
      const image = decodeJpeg(file, 'color', true);
      expect(image).toMatchObject({ width, height, channels: 3 });
      expect(Buffer.compare(image!.data, await byLibjpeg(file)), `seed ${seed}`).toBe(0);
    }
  });
});

it('decodes grey files, and colour ones in grey', async () => {
  const raw = { raw: { width: 20, height: 9, channels: 3 as const } };
  const grey = await sharp(picture(3, 20, 9, true), raw)
    .toColourspace('b-w')
    .jpeg()
    .toBuffer();
  const wanted = await byLibjpeg(grey);
  expect(Buffer.compare(decodeJpeg(grey, 'color', true)!.data, wanted)).toBe(0);
  const native = decodeJpeg(grey, 'native', true)!;
  expect(native.channels).toBe(1);
  expect(native.data).toEqual(Uint8Array.from({ length: 180 }, (_, i) => wanted[3 * i]!));
  const colour = await sharp(picture(3, 20, 9, true), raw)
    .jpeg()
    .toBuffer();
  expect(decodeJpeg(colour, 'gray', true)!.channels).toBe(1);
  expect(decodeJpeg(colour, 'native', true)!.channels).toBe(3);
});

it('leaves progressive, turned and CMYK files to libjpeg', async () => {
  const raw = { raw: { width: 20, height: 9, channels: 3 as const } };
  const make = () => sharp(picture(4, 20, 9, true), raw);
  expect(decodeJpeg(await make().jpeg({ progressive: true }).toBuffer(), 'color', true)).toBeUndefined();
  expect(decodeJpeg(await make().toColourspace('cmyk').jpeg().toBuffer(), 'color', true)).toBeUndefined();
  const turned = await make().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  expect(decodeJpeg(turned, 'color', true)).toBeUndefined();
  expect(decodeJpeg(turned, 'color', false)).toMatchObject({ width: 20, height: 9 });
});

it('gives up on damaged files, whatever bytes are wrong, and on files cut short (seed 5)', async () => {
  const file = await sharp(picture(5, 32, 32, false), { raw: { width: 32, height: 32, channels: 3 } })
    .jpeg()
    .toBuffer();
  const random = new RandomStream(5);
  let refused = 0;
  for (let round = 0; round < 500; round++) {
    const bytes = Buffer.from(file);
    for (let i = 0; i <= random.integer(4); i++) bytes[random.integer(bytes.length)] = random.integer(256);
    if (decodeJpeg(bytes, 'color', true) === undefined) refused++;
  }
  expect(refused).toBeGreaterThan(50);
  for (let length = 0; length < file.length - 2; length += 7) {
    expect(decodeJpeg(file.subarray(0, length), 'color', true), `${length} bytes`).toBeUndefined();
  }
});

describe.skipIf(!hasShared('data/cifar10-test.zip'))('CIFAR-10', () => {
  it('500 pictures equal libjpeg-turbo to the bit', async () => {
    let index = 0;
    const filter = ({ name }: { name: string }) => name.endsWith('.jpg') && index++ % 20 === 0;
    const files = Object.entries(unzipSync(readFileSync(shared('data/cifar10-test.zip')), { filter }));
    expect(files.length).toBe(500);
    for (const [name, file] of files) {
      expect(Buffer.compare(decodeJpeg(file, 'color', true)!.data, await byLibjpeg(file)), name).toBe(0);
    }
  });
});
