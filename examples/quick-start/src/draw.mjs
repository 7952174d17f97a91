import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeImages } from './write-images.mjs';

/** Draws the pictures of both parts that are not there; gives those to test with. */
export async function drawPictures(folder, counts, progress) {
  const missing = Object.keys(counts).filter((part) => !existsSync(join(folder, `${part}.txt`)));
  if (missing.length > 0) {
    progress.step(
      `drawing ${counts.train} pictures to train on and ${counts.test} to test with, ten kinds of road signs`,
    );
  }
  const total = missing.reduce((sum, part) => sum + counts[part], 0);
  let before = 0;
  for (const part of missing) {
    await writeImages({
      ...{ folder: join(folder, 'images', part), list: join(folder, `${part}.txt`), count: counts[part] },
      seed: part === 'train' ? 1 : 2,
      onProgress: (done) => progress.update(before + done, total),
    });
    before += counts[part];
  }
  const lines = readFileSync(join(folder, 'test.txt'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [file, label] = line.split(' ');
    return { file, label: Number(label) };
  });
}
