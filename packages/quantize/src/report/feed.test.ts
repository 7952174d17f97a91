import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseText } from '@jacinto/proto';
import { afterAll, describe, expect, it } from 'vitest';
import { checkWeights } from './check-weights.ts';
import { type FeedOptions, feedNet, feedsItself } from './feed.ts';
import { listImages } from './image-folder.ts';

const net = (text: string) => parseText('NetParameter', text);
const input = (dims: string) => `layer { name: "in" type: "Input" top: "data" input_param { shape { ${dims} } } }`;
const dims = 'dim: 4 dim: 3 dim: 24 dim: 32';
const data = `
  layer { name: "d" type: "Data" top: "x" top: "y" include { phase: TRAIN } data_param { source: "train" batch_size: 9 } }
  layer { name: "d" type: "Data" top: "x" top: "y" include { phase: TEST } transform_param { crop_size: 20 scale: 0.5 }
    data_param { source: "test" batch_size: 7 } }`;
const lmdb: FeedOptions = { source: { kind: 'lmdb', path: '/db' } };
const list: FeedOptions = { source: { kind: 'list', path: '/l' } };

describe('feedNet', () => {
  it.each<[string, string, FeedOptions, string]>([
    [
      'an Input layer by a list',
      input(dims),
      { ...list, mean: [1, 2, 3], scale: 0.5 },
      `name: "in" type: "ImageData" top: "data" top: "label" transform_param { mean_value: [1, 2, 3] scale: 0.5 }
       image_data_param { source: "/l" batch_size: 4 is_color: true new_height: 24 new_width: 32 }`,
    ],
    [
      'a gray Input layer by an LMDB',
      input('dim: 1 dim: 1 dim: 8 dim: 8'),
      { ...lmdb, batch: 3 },
      `name: "in" type: "Data" top: "data" top: "label" transform_param { force_gray: true }
       data_param { source: "/db" batch_size: 3 backend: LMDB }`,
    ],
    [
      'the data layer of TEST by an LMDB',
      data,
      lmdb,
      `name: "d" type: "Data" top: "x" top: "y" transform_param { crop_size: 20 scale: 0.5 }
       data_param { source: "/db" batch_size: 7 backend: LMDB }`,
    ],
    [
      'the data layer of TEST by a list',
      data,
      list,
      `name: "d" type: "ImageData" top: "x" top: "y" transform_param { crop_size: 20 scale: 0.5 }
       image_data_param { source: "/l" batch_size: 7 is_color: true new_height: 20 new_width: 20 }`,
    ],
  ])('replaces %s', (_name, text, options, wanted) => {
    const given = net(`${text} layer { name: "s" type: "Softmax" bottom: "data" top: "s" }`);
    const fed = feedNet(given, options);
    expect(fed.layer.map(({ name }) => name)).toEqual([given.layer[0]!.name, 's']);
    expect(fed.layer[0]).toEqual(parseText('LayerParameter', wanted));
  });

  it.each([
    [
      'layer { name: "s" type: "Softmax" bottom: "x" top: "s" }',
      'has 0 layers that pictures could go into; give a net with one Input or data layer',
    ],
    [input(dims) + input(dims), 'has 2 layers that pictures could go into; give a net with one Input or data layer'],
    [
      input('dim: 1 dim: 5'),
      'layer "in" (Input): input_param.shape is 1 × 5; pictures need one top with N × C × H × W',
    ],
    [
      input('dim: 1 dim: 32 dim: 8 dim: 8'),
      'layer "in" (Input): input_param.shape has 32 channels; image files give 3, or 1 to a net with one; give a database',
    ],
    [
      'layer { name: "in" type: "Input" top: "x" }',
      'layer "in" (Input): input_param.shape is not given; pictures need one top with N × C × H × W',
    ],
  ])('refuses %s', (text, message) => {
    expect(() => feedNet(net(text), list)).toThrow(message);
  });

  it('knows nets with a data layer of their own', () => {
    expect(feedsItself(net(data))).toBe(true);
    expect(feedsItself(net(data.replace('phase: TEST', 'phase: TRAIN')))).toBe(false);
    expect(feedsItself(net(input(dims)))).toBe(false);
  });
});

it('weights of another net are an error', () => {
  const param = net(
    'layer { name: "conv1" type: "Convolution" } layer { name: "t" type: "InnerProduct" include { phase: TRAIN } }',
  );
  const weights = (name: string) => net(`layer { name: "${name}" type: "Convolution" blobs { data: 1 } }`);
  expect(() => checkWeights(param, weights('conv1'))).not.toThrow();
  expect(() => checkWeights(param, weights('conv2'), 'w.caffemodel')).toThrow(
    'w.caffemodel: layer "conv1" (Convolution): the file has no weights for it; give the weights of this net (nearest name there: "conv2")',
  );
});

describe('listImages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-quantize-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const touch = (...path: string[]) => writeFileSync(join(folder, ...path), '');

  it('finds classes by subfolder, in turns; else images without class', () => {
    expect(() => listImages(folder)).toThrow('holds no image; give a folder of .jpg or .png files');
    touch('b.png');
    touch('a.JPG');
    touch('notes.txt');
    expect(listImages(folder)).toEqual({ lines: [`${folder}/a.JPG 0`, `${folder}/b.png 0`], classes: [] });
    for (const name of ['dog', 'cat']) mkdirSync(join(folder, name));
    touch('cat', '1.png');
    touch('cat', '2.png');
    touch('dog', '3 x.png');
    expect(listImages(folder)).toEqual({
      lines: [`${folder}/cat/1.png 0`, `${folder}/dog/3 x.png 1`, `${folder}/cat/2.png 0`],
      classes: ['cat', 'dog'],
    });
    expect(() => listImages(join(folder, 'none'))).toThrow('does not exist');
  });
});
