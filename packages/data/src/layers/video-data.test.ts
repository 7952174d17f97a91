import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataNet, forwarded } from '../testing/data-net.ts';
import { temporaryFolder } from '../testing/shared.ts';

const folder = temporaryFolder();
const layer = (source: string, more = 'video_type: VIDEO', batch = 'batch_size: 2', tops = 'top: "data"') =>
  `layer { name: "v" type: "VideoData" ${tops} transform_param { mean_value: 1 } data_param { ${batch} }
    video_data_param { ${more} video_file: "${source}" } }`;

beforeAll(async () => {
  mkdirSync(join(folder, 'frames'));
  mkdirSync(join(folder, 'none'));
  for (const n of [1, 2, 9, 10]) {
    await sharp({ create: { width: 2, height: 3, channels: 3, background: { r: n, g: n, b: n } } })
      .png()
      .toFile(join(folder, 'frames', `f${n}.png`));
  }
  writeFileSync(join(folder, 'video.mp4'), 'x');
});

async function numbers(text: string, passes: number): Promise<number[]> {
  const net = await dataNet(text);
  const seen: number[] = [];
  for (let i = 0; i < passes; i++) {
    const { data } = await forwarded(net);
    seen.push(data![0]! + 1, data![18]! + 1);
  }
  expect(net.blob('data').shape).toEqual([2, 3, 3, 2]);
  await net.dispose();
  return seen;
}

describe('VideoData', () => {
  it('reads a folder in the order of the numbers, again and again', async () => {
    expect(await numbers(layer(join(folder, 'frames')), 3)).toEqual([1, 2, 9, 10, 1, 2]);
  });

  it('reads a numbered pattern up to the first gap, and skips frames', async () => {
    expect(await numbers(layer(join(folder, 'frames/f%d.png')), 2)).toEqual([1, 2, 1, 2]);
    expect(await numbers(layer(join(folder, 'frames'), 'video_type: VIDEO skip_frames: 1'), 2)).toEqual([1, 9, 1, 9]);
  });

  it('has a second top of zeros', async () => {
    const net = await dataNet(
      layer(join(folder, 'frames'), 'video_type: VIDEO', 'batch_size: 2', 'top: "data" top: "l"'),
    );
    expect([...(await forwarded(net))['l']!]).toEqual([0, 0]);
    await net.dispose();
  });

  it('says what it cannot open', async () => {
    const failing = (text: string) => expect(dataNet(text)).rejects;
    await failing(layer('x', '')).toThrow(
      'layer "v" (VideoData): video_data_param.video_type is WEBCAM, its default: no camera can be opened here; use VIDEO',
    );
    await failing(layer(join(folder, 'video.mp4'))).toThrow(
      'video.mp4: layer "v" (VideoData): is a file, and video files cannot be opened here; take its frames out (ffmpeg',
    );
    await failing(layer(join(folder, 'gone'))).toThrow('gone: layer "v" (VideoData): is not there');
    await failing(layer(join(folder, 'none'))).toThrow('the folder holds no picture');
    await failing(layer(join(folder, 'frames/g%02d.png'))).toThrow('there is no frame with a number from 0 to 999');
    await failing(layer(join(folder, 'frames'), 'video_type: VIDEO', '')).toThrow('data_param.batch_size is missing');
  });
});
