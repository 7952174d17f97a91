import { blobValues, create, makeBlob, parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { quantizeWeights } from './quantize-weights.ts';
import { addSignalNoise, decibels, noSignal } from './signal-noise.ts';

function model(weights: readonly number[], bias: readonly number[], type = 'Convolution') {
  const blobs = [
    makeBlob([1, weights.length, 1, 1], Float32Array.from(weights)),
    makeBlob([1], Float32Array.from(bias)),
  ];
  return create('NetParameter', {
    layer: [
      { name: 'c', type, blobs },
      { name: 'r', type: 'ReLU' },
    ],
  });
}

describe('quantizeWeights', () => {
  it('rounds weights and biases by their own bits, and leaves the message given as it was', () => {
    const net = model([-1, 0.3, 1], [0.7]);
    const settings = { bitwidthWeights: 2, bitwidthBias: 3, applyOffsetWeights: false };
    const { net: found, blobs } = quantizeWeights(net, { settings });
    // weights: scale 1, codes −2 … 1; bias: unsigned, scale 7 / 0.7
    expect([...blobValues(found.layer[0]!.blobs[0]!)]).toEqual([-1, 0, 1]);
    expect(blobValues(found.layer[0]!.blobs[1]!)[0]).toBeCloseTo(0.7, 6);
    expect(blobs).toMatchObject([
      { layer: 'c', type: 'Convolution', blob: 0, count: 3, bitwidth: 2, min: -1, max: 1, scale: 1, offset: 0 },
      { blob: 1, count: 1, bitwidth: 3 },
    ]);
    expect(blobs[0]!.snr).toBeCloseTo(10 * Math.log10(2.09 / 0.09), 4);
    expect([...blobValues(net.layer[0]!.blobs[0]!)]).toEqual([-1, Math.fround(0.3), 1]);
    expect(found.layer[1]).toBe(net.layer[1]);
  });

  it('more bits never lose more', () => {
    const weights = Array.from({ length: 64 }, (_, i) => Math.sin(i * 1.7));
    const snr = Array.from({ length: 16 }, (_, i) => {
      return quantizeWeights(model(weights, [0.1]), { settings: { bitwidthWeights: i + 1 } }).blobs[0]!.snr;
    });
    expect(snr).toEqual(snr.toSorted((a, b) => a - b));
    expect(snr[7]).toBeGreaterThan(40);
  });

  it('all-zero weights stay zero', () => {
    const { net, blobs } = quantizeWeights(model([0, 0], [0]));
    expect([...blobValues(net.layer[0]!.blobs[0]!)]).toEqual([0, 0]);
    expect(blobs[0]!.snr).toBeNaN();
  });

  it('leaves ignored layers and other types', () => {
    expect(quantizeWeights(model([1], [1]), { settings: { ignoredLayerNames: ['c'] } }).blobs).toEqual([]);
    expect(quantizeWeights(model([1], [1], 'Scale')).blobs).toEqual([]);
    expect(quantizeWeights(parseText('NetParameter', 'layer { name: "c" type: "Convolution" }')).blobs).toEqual([]);
  });

  it('names layer and blob of bad weights', () => {
    expect(() => quantizeWeights(model([1], [Number.NaN]))).toThrow(
      'layer "c" (Convolution): blob 1 has 1 of 1 values that are NaN or infinite',
    );
    expect(() => quantizeWeights(model([1], [1]), { settings: { bitwidthWeights: 0 } })).toThrow(
      'net_quantization_param.bitwidth_weights is 0; use 1 to 16 (up to 24 for a bias)',
    );
  });
});

it('signal-to-noise ratio', () => {
  const sum = noSignal();
  addSignalNoise(sum, [3, 4, Number.NaN], [3, 3.5, 1]);
  expect(sum).toEqual({ signal: 25, noise: 0.25 });
  expect(decibels(sum)).toBe(20);
  expect(decibels({ signal: 1, noise: 0 })).toBe(Number.POSITIVE_INFINITY);
  expect(decibels(noSignal())).toBeNaN();
});
