import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Phase } from '@jacinto/proto';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataNet, forwarded } from '../testing/data-net.ts';
import { temporaryFolder } from '../testing/shared.ts';
import { cropWindow } from '../window/crop-window.ts';

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const windows = ['3 1 2 1 5 4', '2 0.5 0 0 3 3', '9 0.1 4 4 7 7', '9 0.49 0 4 3 7'];
const list = (rows = windows): string => `# 0\np.png\n3\n8\n8\n${rows.length}\n${rows.join('\n')}\n`;
const layer = (source: string, more = '', transform = 'crop_size: 4') =>
  `layer { name: "w" type: "WindowData" top: "data" top: "label" transform_param { ${transform} }
    window_data_param { source: "${source}" root_folder: "${folder}/" batch_size: 4 ${more} } }`;

beforeAll(async () => {
  // Blue is 10·x, green 20·y, red 7.
  const raw = Buffer.alloc(8 * 8 * 3);
  for (let i = 0; i < 64; i++) raw.set([7, 20 * Math.floor(i / 8), 10 * (i % 8)], 3 * i);
  await sharp(raw, { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toFile(join(folder, 'p.png'));
});

describe('WindowData', () => {
  it('draws background first with label 0, then the share of foreground, mean and scale applied', async () => {
    const net = await dataNet(layer(file('a', list()), 'fg_fraction: 0.5 scale: 0.5', 'crop_size: 4 mean_value: 2'));
    for (let pass = 0; pass < 5; pass++) {
      const { data, label } = await forwarded(net);
      expect([...label!.slice(0, 2)]).toEqual([0, 0]);
      for (const each of label!.slice(2)) expect([2, 3]).toContain(each);
      // The windows are 4 × 4, so pixels come as they are: the background's rows begin at y = 4.
      expect(data![16]).toBe((80 - 2) / 2);
      expect(data![32]).toBe((7 - 2) / 2);
    }
    await net.dispose();
  });

  it('gives the same batches for one seed, and goes on from a saved state', async () => {
    const text = layer(file('b', list()), '', 'crop_size: 4 mirror: true');
    const [one, other] = [await dataNet(text, { phase: Phase.TRAIN }), await dataNet(text, { phase: Phase.TRAIN })];
    const first = await forwarded(one);
    const state = one.saveState();
    const second = await forwarded(one);
    expect(second).not.toEqual(first);
    other.restoreState(state);
    expect(await forwarded(other)).toEqual(second);
    await one.dispose();
    await other.dispose();
  });

  it('says what is wrong, naming file and line', async () => {
    const failing = (text: string) => expect(dataNet(text)).rejects;
    const good = file('good', list());
    await failing(layer(good, '', '')).toThrow(
      'window_data_param.crop_size is missing; give transform_param.crop_size',
    );
    await failing(layer(good, 'crop_mode: "wrap"')).toThrow('crop_mode is "wrap"; use "warp" or "square"');
    await failing(layer(good, 'context_pad: 2')).toThrow('context_pad is 2, too large for a crop of 4; use 0 to 1');
    await failing(layer(file('bg', list(windows.slice(0, 2))))).toThrow(
      'has no background window, but 3 of each batch are to be such; see fg_threshold',
    );
    await failing(layer(file('row', list(['1 2 3'])))).toThrow(
      'row:7: layer "w" (WindowData): "1 2 3" is not of the form',
    );
    await failing(layer(file('head', 'p.png\n'))).toThrow(
      'head:1: layer "w" (WindowData): "p.png" does not begin a picture',
    );
    await failing(layer(file('end', '# 0\np.png\n3\n8\n8\n1\n'))).toThrow('ends where a window should come');
    const outside = await dataNet(layer(file('out', list(['1 1 0 0 9 3', '0 0 0 0 9 3']))));
    await expect(async () => outside.forward()).rejects.toThrow(
      'p.png: layer "w" (WindowData): is 8 x 8, but a window of it is 0 0 9 3',
    );
    await outside.dispose();
  });
});

describe('cropWindow', () => {
  const image = { height: 4, width: 4, channels: 1, data: Uint8Array.from({ length: 16 }, (_, i) => i) };
  const plain = { size: 2, contextPad: 0, square: false, mirror: false };

  it('warps the window to the crop, mirrored where asked', () => {
    const window = { x1: 1, y1: 1, x2: 2, y2: 2 };
    expect([...cropWindow(image, window, plain).image.data]).toEqual([5, 6, 9, 10]);
    expect([...cropWindow(image, window, { ...plain, mirror: true }).image.data]).toEqual([6, 5, 10, 9]);
  });

  it('leaves room for what lies beyond the picture, on the other side where mirrored', () => {
    const window = { x1: 0, y1: 0, x2: 3, y2: 3 };
    const options = { size: 8, contextPad: 2, square: false };
    const { image: part, top, left } = cropWindow(image, window, { ...options, mirror: false });
    // The window grows to -2 … 6, nine long: 4 of 9 are inside, 2 of 9 lie before.
    expect([part.height, part.width, top, left]).toEqual([4, 4, 2, 2]);
    expect(cropWindow(image, window, { ...options, mirror: true }).left).toBe(3);
  });

  it('makes the window square first where asked', () => {
    const { image: part, top } = cropWindow(image, { x1: 0, y1: 1, x2: 3, y2: 2 }, { ...plain, size: 5, square: true });
    expect([part.width, part.height, top]).toEqual([4, 4, 0]);
  });
});
