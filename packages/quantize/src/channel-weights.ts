import type { LayerParameter } from '@jacinto/proto';
import { type Estimate, estimateGuarded } from './estimate.ts';
import { rangeOf } from './range.ts';
import { type Rounding, trim } from './trim.ts';

/** Where the output channels of weights lie: value ((g·outer + o)·channels + c)·inner + i is of channel g·channels + c. */
export interface ChannelLayout {
  groups: number;
  outer: number;
  /** Of each group. */
  channels: number;
  inner: number;
}

/**
 * Layout of the weights of a Convolution [O, C/group, …], Deconvolution [C, O/group, …] or InnerProduct [O, K], with
 * `transpose` [K, O].
 */
export function channelLayout(
  type: string,
  param: LayerParameter | undefined,
  shape: readonly number[],
): ChannelLayout {
  const inner = (from: number): number => shape.slice(from).reduce((product, length) => product * length, 1);
  const [first = 1, second = 1] = shape;
  if (type === 'Deconvolution') {
    const groups = param?.convolutionParam?.group ?? 1;
    return { groups, outer: first / groups, channels: second, inner: inner(2) };
  }
  if (type === 'InnerProduct' && param?.innerProductParam?.transpose === true) {
    return { groups: 1, outer: first, channels: second, inner: 1 };
  }
  return { groups: 1, outer: 1, channels: first, inner: inner(1) };
}

/** The output channel of weight i. */
export function channelAt({ outer, channels, inner }: ChannelLayout, i: number): number {
  const row = Math.floor(i / inner);
  return Math.floor(row / (outer * channels)) * channels + (row % channels);
}

/** What stands for the scales of all channels where one line is to say something: their means. */
export function meanScale(channels: readonly Estimate[]): { scale: number; offset: number } {
  const mean = (of: (q: Estimate) => number): number =>
    channels.reduce((sum, each) => sum + of(each), 0) / channels.length;
  return { scale: mean(({ scaleTarget }) => scaleTarget), offset: mean(({ offset }) => offset) };
}

export interface TrimByChannelOptions {
  bitwidth: number;
  power2: boolean;
  applyOffset: boolean;
  rounding?: Rounding;
  /** Stochastic rounding: gives u of value i of the blob. */
  random?: (i: number) => number;
}

/** Rounds weights in place, each output channel by the scale of its own range; returns these by channel. */
export function trimByChannel(
  values: Float32Array,
  layout: ChannelLayout,
  { bitwidth, power2, applyOffset, rounding, random }: TrimByChannelOptions,
): Estimate[] {
  const { groups, outer, channels, inner } = layout;
  const scales: Estimate[] = [];
  const own = new Float32Array(outer * inner);
  const place = new Uint32Array(outer * inner);
  for (let channel = 0; channel < groups * channels; channel++) {
    const first = Math.floor(channel / channels) * outer * channels + (channel % channels);
    for (let k = 0; k < own.length; k++) {
      place[k] = (first + Math.floor(k / inner) * channels) * inner + (k % inner);
      own[k] = values[place[k]!]!;
    }
    const { min, max } = rangeOf(own);
    const q = estimateGuarded({ min, max, bitwidth, power2, applyOffset, unsigned: min >= 0 });
    trim(own, {
      ...{ scale: q.scaleTarget, offset: q.offset, bitwidth, unsigned: q.unsignedQuant, rounding },
      random: random && ((k) => random(place[k]!)),
    });
    for (let k = 0; k < own.length; k++) values[place[k]!] = own[k]!;
    scales.push(q);
  }
  return scales;
}
