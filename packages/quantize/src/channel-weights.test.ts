import { create } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { channelLayout, trimByChannel } from './channel-weights.ts';
import { estimateGuarded } from './estimate.ts';
import { trim } from './trim.ts';

const layer = (fields: object) => create('LayerParameter', fields);
const options = { bitwidth: 4, power2: false, applyOffset: false };
/** Value of weight i: channel c (by hand below) is about 10^c in size. */
const sized = (channels: readonly number[]): Float32Array =>
  Float32Array.from(channels, (c, i) => 10 ** c * Math.sin(i + 1));

describe('weights by output channel', () => {
  it.each([
    ['Convolution [2, 2, 1, 2]', 'Convolution', {}, [2, 2, 1, 2], [0, 0, 0, 0, 1, 1, 1, 1]],
    ['InnerProduct [2, 3]', 'InnerProduct', {}, [2, 3], [0, 0, 0, 1, 1, 1]],
    [
      'InnerProduct [3, 2] with transpose',
      'InnerProduct',
      { innerProductParam: create('InnerProductParameter', { transpose: true }) },
      [3, 2],
      [0, 1, 0, 1, 0, 1],
    ],
    ['Deconvolution [2, 2, 1, 2]', 'Deconvolution', {}, [2, 2, 1, 2], [0, 0, 1, 1, 0, 0, 1, 1]],
    [
      'Deconvolution [4, 1, 1, 2] of 2 groups',
      'Deconvolution',
      { convolutionParam: create('ConvolutionParameter', { group: 2 }) },
      [4, 1, 1, 2],
      [0, 0, 0, 0, 1, 1, 1, 1],
    ],
  ] as const)('%s', (_, type, param, shape, channels) => {
    const values = sized(channels);
    const wanted = values.slice();
    for (const channel of [0, 1]) {
      const own = wanted.filter((_v, i) => channels[i] === channel);
      const min = Math.min(...own);
      const q = estimateGuarded({ min, max: Math.max(...own), bitwidth: 4, unsigned: min >= 0 });
      trim(own, { scale: q.scaleTarget, bitwidth: 4, unsigned: q.unsignedQuant });
      let k = 0;
      for (const [i, c] of channels.entries()) if (c === channel) wanted[i] = own[k++]!;
    }
    const scales = trimByChannel(values, channelLayout(type, layer(param), shape), options);
    expect(values).toEqual(wanted);
    expect(scales.map(({ scaleTarget }) => scaleTarget > 0)).toEqual([true, true]);
  });

  it('a channel of zeros stays zero, and small channels keep their shape beside large ones', () => {
    const values = Float32Array.of(100, -50, 0, 0, 0.01, -0.005);
    const scales = trimByChannel(values, channelLayout('InnerProduct', undefined, [3, 2]), options);
    expect(values[2]).toBe(0);
    expect(scales[1]).toMatchObject({ scaleTarget: 1, offset: 0 });
    expect(values[4]! / 0.01).toBeCloseTo(1, 5);
    expect(Math.abs(values[5]! + 0.005)).toBeLessThan(0.01 / 7);
  });
});
