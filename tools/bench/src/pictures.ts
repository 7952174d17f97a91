import { RandomStream } from '@jacinto/core-tensor';
import sharp from 'sharp';

export interface PictureSize {
  width: number;
  height: number;
}

/** Sides of the grids of random values that make a picture, and how much each counts: 1/f, as in photographs. */
const octaves = [
  [4, 1],
  [16, 0.5],
  [64, 0.25],
  [256, 0.12],
] as const;

/** Seeded pictures with the spectrum of photographs, as JPEG files of quality 90. */
export async function jpegPictures({ width, height }: PictureSize, count: number): Promise<Buffer[]> {
  const random = new RandomStream(9);
  const files: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const pixels = new Float32Array(width * height * 3).fill(128);
    for (const [side, amount] of octaves) {
      const grid = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
      const raw = { raw: { width: side, height: side, channels: 3 as const } };
      const layer = await sharp(grid, raw).resize(width, height, { kernel: 'cubic', fit: 'fill' }).raw().toBuffer();
      for (let j = 0; j < pixels.length; j++) pixels[j]! += amount * (layer[j]! - 128);
    }
    const raw = { raw: { width, height, channels: 3 as const } };
    files.push(await sharp(Uint8ClampedArray.from(pixels), raw).jpeg({ quality: 90 }).toBuffer());
  }
  return files;
}
