import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { randomFrom } from './random.mjs';
import { drawScene, side } from './scene.mjs';
import { signs } from './signs.mjs';

/**
 * Draws `count` pictures, the classes in turn, as PNG files, and their list file as Caffe's tools want it
 * (`class/0001.png label`, one a line). Pictures with different seeds have nothing in common.
 * @param {{folder: string, list: string, count: number, seed: number, onProgress?: (done: number) => void}} options
 * @returns {Promise<{file: string, label: number}[]>}
 */
export async function writeImages({ folder, list, count, seed, onProgress }) {
  for (const { name } of signs) mkdirSync(join(folder, name), { recursive: true });
  const images = Array.from({ length: count }, (_, i) => {
    const label = i % signs.length;
    return { file: `${signs[label].name}/${String(Math.floor(i / signs.length)).padStart(4, '0')}.png`, label };
  });
  const batch = 100; // files written at a time; drawing goes on while they are encoded
  let writing = Promise.resolve();
  for (let begin = 0; begin < count; begin += batch) {
    const drawn = images.slice(begin, begin + batch).map(({ file, label }, i) => ({
      file,
      pixels: drawScene(signs[label], randomFrom(seed * 1_000_003 + begin + i)),
    }));
    await writing;
    writing = Promise.all(drawn.map(({ file, pixels }) => toPng(pixels).toFile(join(folder, file))));
    onProgress?.(Math.min(count, begin + batch));
  }
  await writing;
  writeFileSync(list, images.map(({ file, label }) => `${file} ${label}\n`).join(''));
  return images;
}

const toPng = (pixels) =>
  sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png({ compressionLevel: 3 });
