import sharp from 'sharp';
import { expect } from 'vitest';

/** Pixels B,G,R of a JPEG as libjpeg-turbo gives them; grey three times. */
export async function byLibjpeg(file: Uint8Array): Promise<Buffer> {
  const { data, info } = await sharp(file, { ignoreIcc: true }).toColourspace('srgb').raw().toBuffer({
    resolveWithObject: true,
  });
  expect(info.channels).toBe(3);
  for (let i = 0; i < data.length; i += 3) [data[i], data[i + 2]] = [data[i + 2]!, data[i]!];
  return data;
}
