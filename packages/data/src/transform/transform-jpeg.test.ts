import { RandomStream } from '@jacinto/core-tensor';
import { expect, it } from 'vitest';
import { openJpeg } from '../jpeg/jpeg-picture.ts';
import { randomJpeg } from '../testing/random-jpeg.ts';
import { RecordRandom } from './record-random.ts';
import type { TransformSettings } from './settings.ts';
import { type Transformed, transformImage, transformJpeg } from './transform.ts';

const plain: TransformSettings = {
  ...{ scale: 1, mirror: false, cropSize: 0, cropHeight: 0, cropWidth: 0, meanValues: [], train: true },
  colorMode: 'native',
};

function valuesOf({ shape, write }: Transformed): Float32Array {
  const count = shape[0] * shape[1] * shape[2];
  const out = new Float32Array(count + 2).fill(-1);
  write(out, 1);
  expect([out[0], out[count + 1]]).toEqual([-1, -1]); // nothing written before or behind
  return out;
}

const sampled = {
  '4:4:4': ['11', '11', '11'],
  '4:2:2': ['21', '11', '11'],
  '4:2:0': ['22', '11', '11'],
  grey: ['11'],
};

it.each(Object.entries(sampled))('%s: any part, mirrored or not, as if decoded as a whole (seed 21)', (_, factors) => {
  const random = new RandomStream(21);
  for (let round = 0; round < 150; round++) {
    const width = 1 + random.integer(90);
    const height = 1 + random.integer(70);
    const file = randomJpeg(random, { width, height, factors, restartInterval: random.integer(3), bits: 6 });
    const cropWidth = 1 + random.integer(width);
    const cropHeight = 1 + random.integer(height);
    const mode = (['color', 'gray', 'native'] as const)[random.integer(3)]!;
    const channels = mode === 'gray' || (mode === 'native' && factors.length === 1) ? 1 : 3;
    const settings: TransformSettings = {
      ...plain,
      ...(random.integer(4) === 0 ? {} : { cropSize: cropHeight, cropHeight, cropWidth }),
      ...{ mirror: random.integer(2) === 1, train: random.integer(2) === 1, scale: Math.fround(1 / 57) },
      meanValues: [[], [Math.fround(12.3)], [104, 117, Math.fround(123.5)].slice(0, channels)][random.integer(3)]!,
    };
    const picture = openJpeg(file, mode, false)!;
    const draw = () => new RecordRandom(3, 1, round);
    const wanted = transformImage(settings, picture.image()!, draw());
    const got = transformJpeg(settings, picture, draw())!;
    expect(got.shape).toEqual(wanted.shape);
    const about = `round ${round}, ${height}×${width} of mode ${mode}`;
    expect(Buffer.compare(Buffer.from(valuesOf(got).buffer), Buffer.from(valuesOf(wanted).buffer)), about).toBe(0);
  }
});

it('writes a picture right, though another was decoded since', () => {
  const random = new RandomStream(22);
  const [first, second] = [40, 72].map((width) => {
    return openJpeg(randomJpeg(random, { width, height: 24, factors: sampled['4:2:0'] }), 'color', false)!;
  });
  const draw = () => new RecordRandom(1, 0, 0);
  const transformed = [first!, second!].map((picture) => transformJpeg(plain, picture, draw())!);
  for (const [i, picture] of [first!, second!].entries()) {
    expect(valuesOf(transformed[i]!)).toEqual(valuesOf(transformImage(plain, picture.image()!, draw())));
  }
});

it('leaves damaged pictures, random resizes and mean images to the whole picture', () => {
  const file = randomJpeg(new RandomStream(23), { width: 40, height: 24, factors: ['11'] });
  const draw = () => new RecordRandom(1, 0, 0);
  const cut = openJpeg(file.subarray(0, file.length - 20), 'color', false)!;
  expect(transformJpeg(plain, cut, draw())).toBeUndefined();
  const mean = { channels: 1, height: 24, width: 40, values: new Float32Array(960) };
  expect(transformJpeg({ ...plain, mean }, openJpeg(file, 'native', false)!, draw())).toBeUndefined();
});
