import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LayerRun, setUpLayer } from '@jacinto/net/testing';
import { create, encode, Phase } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { drawAugmentation } from '../detectnet/augmentation.ts';
import { dataNet, forwarded } from '../testing/data-net.ts';
import { makeDatabase } from '../testing/make-database.ts';
import { temporaryFolder } from '../testing/shared.ts';
import { RecordRandom } from '../transform/record-random.ts';
import { DetectNetTransformationLayer } from './detectnet-transformation.ts';

const folder = temporaryFolder();
const never = { crop: 0, scale: 0, flip: 0, rotation: 0, hue_rotation: 0, desaturation: 0 };
/** Text with these probabilities, all others 0. */
const augment = (on: Partial<typeof never> = {}, more = '') =>
  `detectnet_augmentation_param { ${Object.entries({ ...never, ...on })
    .map(([name, probability]) => `${name}_prob: ${probability}`)
    .join(' ')} ${more} }`;
const list = (...boxes: number[][]): number[] =>
  [[boxes.length, 16], ...boxes].flatMap((row) => [...row, ...new Array<number>(16 - row.length).fill(0)]);
/** Blue 10·y + x, green 100, red 200. */
const ramp = (height: number, width: number): number[] => [
  ...Array.from({ length: height * width }, (_, i) => 10 * Math.floor(i / width) + (i % width)),
  ...new Array<number>(height * width).fill(100),
  ...new Array<number>(height * width).fill(200),
];

interface Made {
  size: [height: number, width: number];
  pixels?: number[];
  boxes?: number[][];
  /** Of the output, x and y. */
  output?: [x: number, y: number];
  layer?: string;
  phase?: 'TRAIN' | 'TEST';
  seed?: number;
  items?: number;
  onEvent?: (event: object) => void;
}

function setUp({ size, pixels, boxes = [], output = [4, 4], layer, phase, seed, items = 1, onEvent }: Made) {
  const labels = list(...boxes);
  return setUpLayer(
    DetectNetTransformationLayer,
    {
      bottoms: [
        [items, 3, ...size],
        [items, 1, labels.length / 16, 16],
      ],
      values: { 0: { values: pixels ?? ramp(...size) }, 1: { values: labels } },
      param: `image_size_x: ${output[0]} image_size_y: ${output[1]} stride: 1 scale_cvg: 1`,
      layer: layer ?? augment(),
      tops: 2,
      phase,
      seed,
    },
    { onEvent },
  );
}

async function read(run: LayerRun) {
  await run.forward();
  const [pictures, labels] = [await run.read(run.tops[0]!), await run.read(run.tops[1]!)];
  return { pictures, labels };
}

/** The first plane of the picture, and the box of the first cell that has one, in the picture's pixels. */
async function made(options: Made): Promise<{ blue: number[]; all: number[]; box?: number[] }> {
  const run = await setUp(options);
  const { pictures, labels } = await read(run);
  const [, , height, width] = run.tops[1]!.shape as [number, number, number, number];
  const cells = height * width;
  const at = labels.subarray(0, cells).indexOf(1);
  const [x, y] = [at % width, Math.floor(at / width)];
  const corner = (channel: number) => labels[channel * cells + at]!;
  const box = at < 0 ? undefined : [corner(1) + x, corner(2) + y, corner(3) + x, corner(4) + y];
  await run.dispose();
  return { blue: [...pictures.subarray(0, pictures.length / 3)], all: [...pictures], box };
}

describe('in TEST', () => {
  it('subtracts the mean and resizes picture and boxes, whatever the probabilities', async () => {
    const every = augment({ crop: 1, scale: 1, flip: 1, rotation: 1, hue_rotation: 1, desaturation: 1 });
    const size: [number, number] = [4, 4];
    const same = await made({ size, boxes: [[1, 1, 2, 1, 0, 1]], layer: every, phase: 'TEST' });
    expect(same.all).toEqual(ramp(4, 4));
    expect(same.box).toEqual([1, 1, 3, 2]);
    const layer = `${every} transform_param { mean_value: 1 mean_value: 2 mean_value: 3 }`;
    const wide = await made({ size, boxes: [[1, 1, 2, 1, 0, 1]], layer, phase: 'TEST', output: [8, 4] });
    expect(wide.box).toEqual([2, 1, 6, 2]);
    // Twice as wide: output 3 lies at 1.25 with weights −0.10546875 0.87890625 0.26171875 −0.03515625.
    expect(wide.blue[3]).toBeCloseTo(0.87890625 + 2 * 0.26171875 - 3 * 0.03515625 - 1, 5);
    expect(wide.all[32]).toBeCloseTo(98, 4);
    expect(wide.all[64]).toBeCloseTo(197, 4);
  });

  it('resizes a mean file to the picture', async () => {
    const mean = create('BlobProto', { num: 1, channels: 3, height: 2, width: 2, data: new Array<number>(12).fill(9) });
    writeFileSync(join(folder, 'mean.binaryproto'), encode('BlobProto', mean));
    const layer = `transform_param { mean_file: "${folder}/mean.binaryproto" }`;
    const { all } = await made({ size: [4, 4], layer, phase: 'TEST' });
    all.forEach((value, i) => {
      expect(value).toBeCloseTo(ramp(4, 4)[i]! - 9, 4);
    });
  });
});

describe('in TRAIN', () => {
  it('takes the middle where nothing happens, and zeros beyond a smaller picture', async () => {
    const larger = await made({ size: [4, 6], output: [2, 2], boxes: [[2, 1, 2, 2, 0, 1]] });
    expect(larger.blue).toEqual([12, 13, 22, 23]);
    expect(larger.box).toEqual([0, 0, 2, 2]);
    const smaller = await made({
      size: [2, 2],
      boxes: [[0, 0, 2, 1, 0, 1]],
      layer: `${augment()} transform_param { mean_value: 5 }`,
    });
    expect(smaller.blue).toEqual([0, 0, 0, 0, 0, -5, -4, 0, 0, 5, 6, 0, 0, 0, 0, 0]);
    expect(smaller.box).toEqual([1, 1, 3, 2]);
  });

  it('flips', async () => {
    const { blue, box } = await made({ size: [4, 4], boxes: [[0, 1, 2, 2, 0, 1]], layer: augment({ flip: 1 }) });
    expect(blue.slice(0, 8)).toEqual([3, 2, 1, 0, 13, 12, 11, 10]);
    expect(box).toEqual([1, 1, 3, 3]); // 4 − 0 − 2 − 1
  });

  it('scales', async () => {
    const layer = augment({ scale: 1 }, 'scale_min: 2 scale_max: 2');
    const { all, box } = await made({ size: [2, 2], boxes: [[0, 0, 1, 2, 0, 1]], layer });
    expect(box).toEqual([0, 0, 2, 4]);
    // Output 1 lies at 0.25, columns 0 0 1 1: 1 comes in with 0.26171875 − 0.03515625; rows likewise, times 10.
    expect(all[5]).toBeCloseTo(11 * 0.2265625, 5);
    expect(all[16]).toBeCloseTo(100, 4);
  });

  it('rotates', async () => {
    const boxes = [[2, 1, 1, 1, 0, 1]];
    const layer = augment({ rotation: 1 }, 'max_rotate_degree: 60');
    const run = await setUp({ size: [5, 5], output: [5, 5], layer, boxes });
    const { param, layerParam, context } = run.layer as DetectNetTransformationLayer;
    const random = new RecordRandom(context.seed, context.index, 0);
    const size = { height: param.imageSizeY, width: param.imageSizeX };
    const { rotation } = drawAugmentation(layerParam.detectnetAugmentationParam!, size, size, random);
    expect(Math.abs(rotation)).toBeGreaterThan(5);
    await run.dispose();
    const { blue, box } = await made({ size: [5, 5], output: [5, 5], layer, boxes });
    // The box's middle is one above the picture's. What encloses the turned picture from `left` on is 6 − 2·left wide,
    // so the crop begins at round(0.5 − left) = 1 − left, and the picture's middle 2.5 − left comes to 1.5.
    const [sine, cosine] = [Math.sin((rotation * Math.PI) / 180), Math.cos((rotation * Math.PI) / 180)];
    expect((box![0]! + box![2]!) / 2 - sine).toBeCloseTo(1.5, 5);
    expect((box![1]! + box![3]!) / 2 + cosine).toBeCloseTo(1.5, 5);
    expect(blue.every((value) => value >= 0 && value <= 44)).toBe(true);
    expect(blue.filter((value) => value > 0).length).toBeGreaterThan(8);
    expect(blue.filter((value) => value === 0).length).toBeGreaterThan(3);
  });

  it('turns the hue and takes saturation away', async () => {
    const red = [0, 0, 255];
    const one = { size: [1, 1] as [number, number], output: [1, 1] as [number, number], pixels: red };
    const grey = (await made({ ...one, layer: augment({ desaturation: 1 }, 'desaturation_max: 1') })).all;
    expect(grey[2]).toBe(255);
    expect(grey[0]).toBe(grey[1]);
    expect(grey[0]).toBeGreaterThan(0);
    expect(grey[0]).toBeLessThan(255);
    const turned = (await made({ ...one, layer: augment({ hue_rotation: 1 }, 'hue_rotation: 60') })).all;
    // Up to 60 degrees: red stays full, and green or blue comes in alone.
    expect(turned[2]).toBe(255);
    expect(Math.min(turned[0]!, turned[1]!)).toBe(0);
    expect(Math.max(turned[0]!, turned[1]!)).toBeGreaterThan(0);
  });

  it('crops at every place, boxes with it, beyond the picture by half of shift', async () => {
    const seen = new Set<number>();
    const run = await setUp({
      ...{ size: [1, 4], output: [2, 1], items: 50, boxes: [[1, 0, 2, 1, 0, 1]] },
      layer: augment({ crop: 1 }, 'shift_x: 2'),
    });
    const { pictures, labels } = await read(run);
    for (let item = 0; item < 50; item++) {
      const [first, second] = pictures.subarray(6 * item);
      const left = second === 0 ? (first === 3 ? 3 : -1) : second! - 1;
      seen.add(left);
      const shown = [Math.max(0, 1 - left), Math.min(2, 3 - left)] as const; // x 1…3, cut to the output
      const foreground = [0, 1].map((x) => (x >= shown[0] && x < shown[1] ? 1 : 0));
      expect([...labels.subarray(18 * item, 18 * item + 2)], `left ${left}`).toEqual(foreground);
    }
    expect([...seen].sort()).toEqual([-1, 0, 1, 2, 3]);
    await run.dispose();
  });

  it('draws the same for one seed and position, and goes on from a saved state', async () => {
    const text = (seed = '') => `detectnet_augmentation_param { crop_prob: 1 shift_x: 9 } ${seed}`;
    const options = { size: [4, 9] as [number, number], layer: text() };
    const [one, other] = [await setUp({ ...options, items: 4 }), await setUp({ ...options, items: 2 })];
    const four = (await read(one)).pictures;
    const [firstTwo, lastTwo] = [await read(other), await read(other)];
    expect([...firstTwo.pictures, ...lastTwo.pictures]).toEqual([...four]);
    const resumed = await setUp({ ...options, items: 2 });
    resumed.layer.restoreState({ pictures: 2 });
    expect(await read(resumed)).toEqual(lastTwo);
    expect(resumed.layer.saveState()).toEqual({ pictures: 4 });
    const own = { ...options, items: 4, layer: text('transform_param { random_seed: 7 }') };
    const [a, b] = [await setUp({ ...own, seed: 1 }), await setUp({ ...own, seed: 2 })];
    const ours = (await read(a)).pictures;
    expect(ours).toEqual((await read(b)).pictures);
    expect(ours).not.toEqual(four);
    for (const run of [one, other, resumed, a, b]) await run.dispose();
  });
});

it('works on pictures and label lists from databases', async () => {
  const planes = { channels: 3, height: 4, width: 4, data: Uint8Array.from(ramp(4, 4)), label: 0 };
  const lists = [list([1, 1, 2, 2, 0, 1], [0, 0, 1, 1, 0, 5]), list([0, 0, 4, 4, 0, 5], [0, 0, 0, 0])];
  await makeDatabase(join(folder, 'pictures'), [planes, planes]);
  await makeDatabase(
    join(folder, 'labels'),
    lists.map((floatData) => ({ channels: 1, height: 3, width: 16, floatData, label: 0 })),
  );
  const data = (name: string) => `layer { name: "${name}" type: "Data" top: "${name}"
    data_param { source: "${join(folder, name)}" backend: LMDB batch_size: 2 } }`;
  const text = `${data('pictures')} ${data('labels')}
    layer { name: "t" type: "DetectNetTransformation" bottom: "pictures" bottom: "labels" top: "p" top: "l"
      detectnet_groundtruth_param { image_size_x: 4 image_size_y: 4 stride: 2
        object_class { src: 1 dst: 0 } object_class { src: 5 dst: 1 } } }`;
  for (const phase of [Phase.TEST, Phase.TRAIN]) {
    const net = await dataNet(text, { phase });
    const { p, l } = await forwarded(net);
    expect([p!.length, l!.length]).toEqual([2 * 48, 2 * 10 * 4]);
    if (phase === Phase.TEST) {
      expect([...p!.subarray(0, 48)]).toEqual(ramp(4, 4));
      // The second of the first picture came later and has cell 0,0; the picture's one object covers all of it.
      expect([...l!.subarray(32, 40)]).toEqual([0, 1, 1, 1, 1, 0, 0, 0]);
      expect([...l!.subarray(72, 80)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    }
    await net.dispose();
  }
});

describe('says what is wrong', () => {
  const failing = (options: Partial<Made>) => expect(setUp({ size: [4, 4], ...options })).rejects;

  it('with the settings', async () => {
    await failing({ layer: augment({ flip: 2 }) }).toThrow(
      'layer "test" (DetectNetTransformation): detectnet_augmentation_param.flip_prob is 2; use 0 to 1',
    );
    await failing({ layer: augment({}, 'scale_min: 2 scale_max: 1') }).toThrow(
      'scale_min is 2, above scale_max (1); use at most that',
    );
    await failing({ layer: 'transform_param { mean_value: 1 mean_value: 2 }' }).toThrow(
      'transform_param.mean_value is given 2 times; give it once, or 3 times',
    );
    const events: object[] = [];
    const layer = 'transform_param { mirror: true } detectnet_augmentation_param { noise_param { } }';
    await (await setUp({ size: [4, 4], layer, onEvent: (event) => events.push(event) })).dispose();
    expect(JSON.stringify(events)).toContain(
      'does not use transform_param.mirror, detectnet_augmentation_param.noise_param',
    );
  });

  it('with the bottoms', async () => {
    const run = (bottoms: number[][]) => setUpLayer(DetectNetTransformationLayer, { bottoms, tops: 2 });
    await expect(
      run([
        [1, 1, 4, 4],
        [1, 1, 2, 16],
      ]),
    ).rejects.toThrow('bottom[0] is 1 1 4 4 (16); give pictures N,3,H,W: force_color in the data layer');
    await expect(
      run([
        [2, 3, 4, 4],
        [1, 1, 2, 16],
      ]),
    ).rejects.toThrow(
      'bottom[1] is 1 1 2 16 (32) for 2 pictures; give as many label lists, each of 16 values or more: N,1,rows,16',
    );
  });

  it('with a label list', async () => {
    const lists: [number[], string][] = [
      [[1, 15], 'bottom[1], item 0: the list says that a box has 15 values; a list is a row "count 16"'],
      [[2, 16], 'bottom[1], item 0: the list says that it has 2 boxes; there is room for 0 to 1'],
      [[1.5, 16], 'the list says that it has 1.5 boxes'],
    ];
    for (const [start, message] of lists) {
      const run = await setUp({ size: [4, 4], boxes: [[0, 0, 1, 1, 0, 1]] });
      run.bottoms[1]!.data.hostWrite<Float32Array>().set(start);
      await expect(run.forward()).rejects.toThrow(message);
      await run.dispose();
    }
    const run = await setUp({ size: [4, 4], boxes: [[0, Number.NaN, 1, 1, 0, 1]] });
    await expect(run.forward()).rejects.toThrow('bottom[1], item 0: box 0 has the value NaN');
    await run.dispose();
  });
});
