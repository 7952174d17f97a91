import { create, parseText, type TransformationParameter } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { randomSize } from './random-resize.ts';
import { RecordRandom } from './record-random.ts';
import { transformSettings } from './settings.ts';
import { type Transformed, transformImage, transformValues } from './transform.ts';

const meanBlob = (c: number, h: number, w: number) =>
  create('BlobProto', {
    num: 1,
    channels: c,
    height: h,
    width: w,
    data: Array.from({ length: c * h * w }, (_, i) => i),
  });

function settings(text: string, train = false, mean = meanBlob(2, 4, 4)) {
  const param = parseText('TransformationParameter', text) as TransformationParameter;
  return transformSettings(param, train, () => mean);
}

const random = (record = 0) => new RecordRandom(3, 1, record);
/** Channel c, row y, column x holds 100·c + 10·y + x. */
const value = (c: number, y: number, x: number) => 100 * c + 10 * y + x;
const planes = {
  channels: 2,
  height: 4,
  width: 4,
  values: Uint8Array.from({ length: 32 }, (_, i) => value(i >> 4, (i >> 2) & 3, i & 3)),
};
const picture = {
  channels: 2,
  height: 4,
  width: 4,
  data: Uint8Array.from({ length: 32 }, (_, i) => value(i & 1, i >> 3, (i >> 1) & 3)),
};

function written({ shape, write }: Transformed): number[] {
  const out = new Float32Array(shape[0] * shape[1] * shape[2]);
  write(out, 0);
  return [...out];
}

const both = [
  ['datum', (s: ReturnType<typeof settings>, r = random()) => transformValues(s, planes, r)],
  ['picture', (s: ReturnType<typeof settings>, r = random()) => transformImage(s, picture, r)],
] as const;

describe.each(both)('%s', (_, transform) => {
  it('computes (x − mean)·scale', () => {
    const plain = written(transform(settings('')));
    expect(plain).toEqual([...planes.values]);
    expect(written(transform(settings('mean_value: 1 mean_value: 2 scale: 0.5')))).toEqual(
      plain.map((x, i) => (x - (i < 16 ? 1 : 2)) / 2),
    );
    expect(written(transform(settings('mean_file: "m"')))).toEqual(plain.map((x, i) => x - i));
  });

  it('crops the middle in TEST', () => {
    const made = transform(settings('crop_size: 2'));
    expect(made.shape).toEqual([2, 2, 2]);
    expect(written(made)).toEqual([11, 12, 21, 22, 111, 112, 121, 122]);
  });

  it('crops and mirrors at random in TRAIN, every place and both ways, the same for the same record', () => {
    const seen = new Set<string>();
    for (let record = 0; record < 400; record++) {
      const values = written(transform(settings('crop_size: 3 mirror: true', true), random(record)));
      expect(written(transform(settings('crop_size: 3 mirror: true', true), random(record)))).toEqual(values);
      const [first, second] = values;
      expect(Math.abs(second! - first!)).toBe(1);
      const left = Math.min(first!, values[2]!);
      seen.add(`${left} ${second! > first!}`);
    }
    expect(seen.size).toBe(8); // 2×2 places, 2 ways
  });

  it('says what does not fit', () => {
    expect(() => transform(settings('crop_size: 5'))).toThrow(
      'transform_param.crop_size asks for 5×5 pixels of a picture of 4×4 (height×width); use at most 4, or enlarge the pictures',
    );
    expect(() => transform(settings('mean_value: 1 mean_value: 2 mean_value: 3'))).toThrow(
      'transform_param.mean_value is given 3 times, but the picture has 2 channels; give it once, or 2 times',
    );
    expect(() => transform(settings('mean_file: "m"', false, meanBlob(2, 5, 4)))).toThrow(
      'transform_param.mean_file "m" holds a mean of 2×5×4, but the picture is 2×4×4 (channels×height×width); make the mean of this database with compute_image_mean, or use mean_value',
    );
  });
});

it('takes a datum’s mean where the crop lies, and a picture’s from the middle of the mean', () => {
  const s = settings('crop_size: 2 mean_file: "m"', true);
  for (let record = 0; record < 20; record++) {
    const [a] = written(transformValues(s, planes, random(record)));
    expect([0, 6, 12]).toContain(a!); // 10y + x − (4y + x)
    const [b] = written(transformImage(s, picture, random(record)));
    expect([-5, -4, -3, 5, 6, 7, 15, 16, 17]).toContain(b!); // 10y + x − 5
  }
});

it('crops pictures to crop_h × crop_w where they are given, datums to crop_size', () => {
  const s = settings('crop_size: 2 crop_h: 3 crop_w: 4');
  expect(transformImage(s, picture, random()).shape).toEqual([2, 3, 4]);
  expect(transformValues(s, planes, random()).shape).toEqual([2, 2, 2]);
});

it('reads float data', () => {
  const values = Float32Array.of(0.5, -1.5);
  const made = transformValues(settings('scale: 2'), { channels: 2, height: 1, width: 1, values }, random());
  expect(written(made)).toEqual([1, -3]);
});

it('refuses settings that contradict one another', () => {
  expect(() => settings('mean_file: "m" mean_value: 1')).toThrow(
    'mean_file and mean_value are both given; give one of them',
  );
  expect(() => settings('force_color: true force_gray: true')).toThrow('force_color and force_gray are both true');
  expect(() => settings('img_rand_resize_lower: 9 img_rand_resize_upper: 3')).toThrow(
    'transform_param.img_rand_resize_upper is 3, below img_rand_resize_lower (9); use at least that',
  );
});

describe('random resize', () => {
  const size = (text: string, record: number, height: number, width: number) =>
    randomSize({ height, width }, settings(text).resize!, { height: 8, width: 8 }, random(record));

  it('is on only where one of its fields is given', () => {
    expect(settings('crop_size: 2').resize).toBeUndefined();
    expect(settings('vertical_stretch_upper: 1.5').resize).toBeDefined();
  });

  it('draws the short side and keeps the shape', () => {
    const seen = new Set<number>();
    for (let record = 0; record < 200; record++) {
      const { height, width } = size('img_rand_resize_lower: 20 img_rand_resize_upper: 23', record, 40, 80);
      seen.add(height);
      expect(width).toBe(2 * height);
    }
    expect([...seen].sort()).toEqual([20, 21, 22, 23]);
  });

  it('never goes below the crop, nor above the original unless allow_upscale says so', () => {
    const large = 'img_rand_resize_lower: 100 img_rand_resize_upper: 100';
    expect(size(large, 0, 40, 80)).toEqual({ height: 40, width: 80 });
    expect(size(`${large} allow_upscale: true`, 0, 40, 80)).toEqual({ height: 100, width: 200 });
    expect(size('img_rand_resize_lower: 2 img_rand_resize_upper: 2', 0, 40, 80)).toEqual({ height: 8, width: 8 });
  });

  it('draws the ratio of the sides and the stretch', () => {
    for (let record = 0; record < 100; record++) {
      const { height, width } = size(
        'rand_resize_ratio_lower: 1 rand_resize_ratio_upper: 1.5 allow_upscale: true',
        record,
        40,
        80,
      );
      expect(height).toBe(40);
      expect(width).toBeGreaterThanOrEqual(40);
      expect(width).toBeLessThanOrEqual(60);
      const stretched = size('vertical_stretch_lower: 0.5 vertical_stretch_upper: 0.75', record, 40, 80);
      expect(stretched.width).toBe(80);
      expect(stretched.height).toBeGreaterThanOrEqual(20);
      expect(stretched.height).toBeLessThanOrEqual(30);
    }
  });

  it('changes the picture before it is cropped', () => {
    const s = settings('img_rand_resize_lower: 2 img_rand_resize_upper: 2');
    expect(transformImage(s, picture, random()).shape).toEqual([2, 2, 2]);
  });
});
