import type { ChannelLayout } from '../channel-weights.ts';

/** x = (code − offset) / scale. */
export interface CodeScale {
  scale: number;
  offset: number;
}

/** Whole numbers that stand for real ones: x = (code − offset) / scale. N,C,… in C order. */
export interface Codes extends CodeScale {
  kind: 'codes';
  shape: readonly number[];
  codes: Float64Array;
  /** Weights whose output channels have a scale each, which then counts instead. */
  channels?: { formats: readonly CodeScale[]; layout: ChannelLayout };
}

/** Scale and offset of the weights of an output channel. */
export const weightFormat = (w: Codes, channel: number): CodeScale => w.channels?.formats[channel] ?? w;

/** Whole numbers, and the factor by channel that makes them real. */
export interface Term {
  sums: Float64Array;
  factors: Float64Array;
}

/** What a layer adds up before it is rounded: x = Σ factors[c] · sums + add[c], then perhaps a (leaky) ReLU. */
export interface Accumulated {
  kind: 'accumulated';
  shape: readonly number[];
  terms: Term[];
  add: Float64Array;
  /** Slope by channel for x < 0; undefined: as it is. */
  slopes?: Float64Array;
}

export type Value = Codes | Accumulated;

export const channelsOf = (shape: readonly number[]): number => (shape.length < 2 ? 1 : shape[1]!);

/** Values of one channel of one item. */
export const innerOf = (shape: readonly number[]): number => shape.slice(2).reduce((n, length) => n * length, 1);

export const countOf = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1);

/** Codes as something to add to: one term. */
export function accumulatedOf(value: Value): Accumulated {
  if (value.kind === 'accumulated') return value;
  const { shape, codes, scale, offset } = value;
  const channels = channelsOf(shape);
  return {
    ...{ kind: 'accumulated', shape, terms: [{ sums: codes, factors: new Float64Array(channels).fill(1 / scale) }] },
    add: new Float64Array(channels).fill(-offset / scale),
  };
}

/**
 * Real values that the simulation leaves in float, as whole numbers of 24 bits: exact for bytes and other whole
 * numbers, else to the precision of a float of the largest value.
 */
export function fixedPoint(values: ArrayLike<number>, shape: readonly number[]): Codes {
  const list = Array.from(values, Number);
  const largest = list.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);
  const whole = list.every(Number.isInteger) && largest < 2 ** 24;
  const scale = whole || largest === 0 ? 1 : 2 ** (23 - Math.ceil(Math.log2(largest)));
  const codes = Float64Array.from(list, (v) => (Number.isFinite(v) ? Math.round(v * scale) : 0));
  return { kind: 'codes', shape, codes, scale, offset: 0 };
}
