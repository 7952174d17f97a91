import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Phase } from '@jacinto/proto';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { dataNet, forwarded } from '../testing/data-net.ts';
import { temporaryFolder } from '../testing/shared.ts';

const folder = temporaryFolder();
const list = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(async () => {
  mkdirSync(join(folder, 'images'));
  for (let i = 0; i < 9; i++) {
    const options = { width: 12, height: 10, channels: 3, background: { r: 10 * i, g: 100, b: 200 } } as const;
    await sharp({ create: options })
      .png()
      .toFile(join(folder, 'images', `${i}.png`));
  }
  await sharp({ create: { width: 9, height: 4, channels: 3, background: 'blue' } })
    .png()
    .toFile(join(folder, 'images/a b.png'));
});

const nine = () => list('nine.txt', Array.from({ length: 9 }, (_, i) => `${i}.png ${i}\n`).join(''));

const layer = (source: string, more = '', transform = '') =>
  `layer { name: "pictures" type: "ImageData" top: "data" top: "label" transform_param { ${transform} }
    image_data_param { source: "${source}" root_folder: "${folder}/images/" threads: 1 ${more} } }`;

async function labels(text: string, passes: number, seed = 1): Promise<number[][]> {
  const net = await dataNet(text, { phase: Phase.TRAIN, seed });
  const seen: number[][] = [];
  try {
    for (let i = 0; i < passes; i++) seen.push([...(await forwarded(net))['label']!]);
  } finally {
    await net.dispose();
  }
  return seen;
}

const failure = (text: string): Promise<string> =>
  labels(text, 9).then(
    () => 'no error',
    (error: Error) => error.message,
  );

it('reads B,G,R planes and labels, in the order of the list', async () => {
  const net = await dataNet(layer(nine(), 'batch_size: 2', 'mean_value: 100'));
  const { data, label } = await forwarded(net);
  expect(net.blob('data').shape).toEqual([2, 3, 10, 12]);
  expect([...label!]).toEqual([0, 1]);
  expect([0, 120, 240, 360, 480, 600].map((i) => data![i])).toEqual([100, 0, -100, 100, 0, -90]);
  await net.dispose();
});

it('resizes to new_height × new_width, or the short side', async () => {
  const shape = async (more: string) => {
    const net = await dataNet(layer(nine(), more));
    const { shape: found } = net.blob('data');
    await net.dispose();
    return found;
  };
  expect(await shape('batch_size: 1 new_height: 6 new_width: 7')).toEqual([1, 3, 6, 7]);
  expect(await shape('batch_size: 1 short_side: 5')).toEqual([1, 3, 5, 6]);
  expect(await shape('batch_size: 1 is_color: false')).toEqual([1, 1, 10, 12]);
});

it('gives each round an order of its own where shuffle is on, and goes on exactly', async () => {
  const text = layer(nine(), 'batch_size: 9 shuffle: true');
  const rounds = await labels(text, 3);
  for (const round of rounds) expect([...round].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(rounds.map(String)).size).toBe(3);
  expect(await labels(text, 3)).toEqual(rounds);
  expect(await labels(text, 3, 2)).not.toEqual(rounds);
  const net = await dataNet(text, { phase: Phase.TRAIN });
  net.restoreState({ forwardCount: 2, seed: 1, layers: { pictures: { records: 18 } } });
  expect([...(await forwarded(net))['label']!]).toEqual(rounds[2]);
  await net.dispose();
});

it('takes names with spaces: the last space parts name and label', async () => {
  expect(await labels(layer(list('spaces.txt', '\na b.png 4\n\n'), 'batch_size: 1'), 1)).toEqual([[4]]);
});

it('names list, line and path of an image that is missing or damaged', async () => {
  const missing = list('missing.txt', '0.png 0\n1.png 1\nnone.png 2\n');
  expect(await failure(layer(missing, 'batch_size: 2'))).toBe(
    `${missing}:3: layer "pictures" (ImageData): record "${folder}/images/none.png": does not exist; check the path (it is relative to the current folder)`,
  );
  writeFileSync(join(folder, 'images', 'bad.jpg'), 'no jpeg');
  const damaged = list('damaged.txt', '0.png 0\nbad.jpg 1\n');
  expect(await failure(layer(damaged, 'batch_size: 1'))).toBe(
    `${damaged}:2: layer "pictures" (ImageData): record "${folder}/images/bad.jpg": cannot be decoded as a picture (Input buffer contains unsupported image format); replace it by a whole JPEG, PNG, WebP, TIFF or BMP file, or leave it out`,
  );
});

it('says what is wrong with a list or a parameter', async () => {
  const place = 'net.prototxt:1: layer "pictures" (ImageData): ';
  const bad = list('bad.txt', '0.png 0\n1.png one\n');
  expect(await failure(layer(bad))).toBe(
    `${bad}:2: layer "pictures" (ImageData): "1.png one" is not of the form "path label"; write the path, a space and a whole number`,
  );
  expect(await failure(layer(list('none.txt', '\n')))).toContain('the list names no image');
  expect(await failure(layer(join(folder, 'absent.txt')))).toContain(`${folder}/absent.txt: layer "pictures"`);
  expect(await failure(layer(nine(), 'batch_size: 0'))).toBe(`${place}image_data_param.batch_size is 0; use 1 or more`);
  expect(await failure(layer(nine(), 'new_height: 5'))).toBe(
    `${place}image_data_param.new_height is 5 and new_width is 0; give both or none`,
  );
  expect(await failure(layer(nine(), 'rand_skip: 10'))).toBe(
    `${place}image_data_param.rand_skip is 10, but the list has 9 images; use a smaller number`,
  );
});
