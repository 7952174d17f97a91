import { expect, it } from 'vitest';
import { readFlags } from './flags.ts';

const files = ['m.prototxt', 'w.caffemodel'];

it('has defaults', () => {
  expect(readFlags(files)).toMatchObject({
    ...{
      model: 'm.prototxt',
      weights: 'w.caffemodel',
      own: false,
      batches: 10,
      settings: {},
      rounding: 'gpu',
      compat: false,
    },
  });
});

it('reads every flag, with - or _', () => {
  const args = `--lmdb db --batch 4 --batches 3 --mean 104,117.5,123 --scale=0.5 --bits 8 --weight-bits 6 --bias_bits 20
    --power2 --no-offset-weights --offset_activations --ignore a --ignore b --start 5 --rounding cpu
    --compat caffe-jacinto-0.17 --sweep 4,8 --integers --draw a.svg --output-model d/m.caffemodel --threads 2
    --range percentile --percentile 99.5 --weights-by-channel`;
  expect(readFlags([...files, ...args.split(/\s+/)])).toEqual({
    ...{ model: 'm.prototxt', weights: 'w.caffemodel', lmdb: 'db', images: undefined, own: false },
    ...{ batch: 4, batches: 3, mean: [104, 117.5, 123], scale: 0.5, rounding: 'cpu', compat: true, sweep: [4, 8] },
    ...{ draw: 'a.svg', outputModel: 'd/m.caffemodel', threads: 2, integers: true },
    ...{ rangeMethod: 'percentile', percentile: 99.5, weightsByChannel: true },
    settings: {
      ...{ bitwidthWeights: 6, bitwidthActivations: 8, bitwidthBias: 20, quantizationStart: 5 },
      ...{ power2ScaleWeights: true, power2ScaleActivations: true, applyOffsetWeights: false },
      ...{ applyOffsetActivations: true, ignoredLayerNames: ['a', 'b'] },
    },
  });
});

it('help is wanted', () => {
  expect(readFlags([])).toBeUndefined();
  expect(readFlags([...files, '--help'])).toBeUndefined();
});

it.each([
  [['m'], '1 file names are given; give a model and its weights: model.prototxt weights.caffemodel'],
  [[...files, 'x'], '3 file names are given; give a model and its weights: model.prototxt weights.caffemodel'],
  [[...files, '--bit', '3'], '--bit is not known; did you mean "bits"?'],
  [[...files, '--bits', '0'], '--bits is "0"; use 1 to 16'],
  [[...files, '--bits', '17'], '--bits is "17"; use 1 to 16'],
  [[...files, '--bits', 'x'], '--bits is "x"; use 1 to 16'],
  [[...files, '--sweep', '4,99'], '--sweep is "99"; use 1 to 16'],
  [[...files, '--sweep', '4,'], '--sweep is ""; use a number'],
  [[...files, '--scale', 'x'], '--scale is "x"; use a number'],
  [[...files, '--rounding', 'up'], '--rounding is "up"; use gpu or cpu'],
  [[...files, '--range', 'best'], '--range is "best"; use minmax or percentile or kl'],
  [[...files, '--percentile', '40'], 'percentile is 40; use more than 50, up to 100'],
  [[...files, '--range', 'kl', '--percentile', '99'], '--percentile is given with --range kl; use --range percentile'],
  [[...files, '--compat', 'x'], '--compat is "x"; use caffe-jacinto-0.17'],
  [[...files, '--images', 'x', '--lmdb', 'y'], '--images, --lmdb and --data are given together; give one of them'],
  [[...files, '--images'], 'Option "--images <value>" argument missing; see --help'],
])('refuses %j', (args, message) => {
  expect(() => readFlags(args)).toThrow(message);
});
