import { create, makeBlob, readNet } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { deployNet } from './deploy-net.ts';
import { secondsOf } from './log-time.ts';
import { modelSize } from './model-size.ts';
import { bytesText, countText, percentText, pointsText, secondsText } from './units.ts';

describe('modelSize', () => {
  const layer = (type: string, ...blobs: number[][]) =>
    create('LayerParameter', {
      type,
      blobs: blobs.map((values) => makeBlob([values.length], Float32Array.from(values))),
    });

  it('takes a byte a weight and four for all else', () => {
    const net = {
      layer: [layer('Convolution', [1, 0, 0, 0, 0, 0, 0, 0, 2, 0], [1, 0]), layer('BatchNorm', [1], [0], [1])],
    };
    // 2 left and 10 bits (2 bytes) instead of 10; bias 8, batch norm 12
    expect(modelSize(net)).toEqual({ eightBits: 10 + 20, withoutZeros: 4 + 20 });
  });

  it('does not grow by bits where no weight is 0', () => {
    expect(modelSize({ layer: [layer('InnerProduct', [1, 2, 3]), layer('ReLU')] })).toEqual({
      ...{ eightBits: 3, withoutZeros: 3 },
    });
  });
});

it('counts a log’s seconds without the pauses between runs, over midnight and New Year', () => {
  const line = (time: string, text: string) => `I${time} 1 a.cpp:1] ${text}\n`;
  const first = line('1124 10:00:00.500000', 'This is Jacinto') + line('1124 10:00:10.750000', 'stopped');
  const second = line('1124 12:00:00.000000', 'This is Jacinto') + line('1125 12:00:01.000000', 'done');
  expect(secondsOf(first)).toBeCloseTo(10.25, 6);
  expect(secondsOf(first + second)).toBeCloseTo(10.25 + 86_401, 6);
  expect(secondsOf(line('1231 23:59:59.000000', 'This is Jacinto') + line('0101 00:00:01.000000', 'x'))).toBeCloseTo(
    2,
    6,
  );
  expect(secondsOf('nothing')).toBe(0);
});

describe('deployNet', () => {
  const net = readNet(`name: "n"
    layer { name: "in" type: "Data" top: "data" top: "label" include { phase: TRAIN } }
    layer { name: "in" type: "Data" top: "data" top: "label" include { phase: TEST } }
    layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 2 } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }
    layer { name: "twice" type: "Power" bottom: "loss" top: "twice" }
    layer { name: "accuracy" type: "Accuracy" bottom: "fc" bottom: "label" top: "accuracy" }`);

  it('puts an input for the data and a softmax for the loss, and leaves out what needs labels', () => {
    const { name, layer } = deployNet(net, [3, 4, 5]);
    expect(name).toBe('n_deploy');
    expect(layer.map(({ type }) => type)).toEqual(['Input', 'InnerProduct', 'Softmax']);
    expect(layer[0]!.inputParam!.shape[0]!.dim.map(Number)).toEqual([1, 3, 4, 5]);
    expect(layer[2]!.bottom).toEqual(['fc']);
  });

  it('says what it cannot use', () => {
    expect(() => deployNet(readNet('layer { name: "a" type: "ReLU" bottom: "x" top: "x" }'), [1, 1, 1])).toThrow(
      'the net has no data layer for phase TEST; give a net that caffe test can run',
    );
  });
});

it('writes numbers as people read them', () => {
  expect([999, 36_900, 2_360_000].map(bytesText)).toEqual(['1.0 kB', '36.9 kB', '2.36 MB']);
  expect([12, 14_100, 6_020_000, 1.5e9].map(countText)).toEqual(['12', '14.1 k', '6.02 M', '1.5 G']);
  expect([8.4, 125, 12_000].map(secondsText)).toEqual(['8 s', '2 min 5 s', '3 h 20 min']);
  expect([0.9568, undefined, Number.NaN].map((share) => percentText(share))).toEqual(['95.7 %', '-', '-']);
  expect([pointsText(0.9, 0.88), pointsText(0.9, 0.9), pointsText(0.9, 0.912)]).toEqual([
    ...['−2.0 points', '±0.0 points', '+1.2 points'],
  ]);
});
