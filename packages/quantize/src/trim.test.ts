import { RandomStream } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { estimateGuarded } from './estimate.ts';
import { type Rounding, roundHalfAway, roundHalfEven, type TrimOptions, trim } from './trim.ts';

const trimmed = (values: readonly number[], options: TrimOptions): number[] => {
  const copy = Float32Array.from(values);
  trim(copy, options);
  return [...copy];
};

describe('trim by hand', () => {
  it.each<[string, TrimOptions, number[], number[]]>([
    ['signed', { scale: 2, bitwidth: 3 }, [-9, -2, -0.3, 0, 0.6, 1.4, 9], [-2, -2, -0.5, 0, 0.5, 1.5, 1.5]],
    ['unsigned', { scale: 2, bitwidth: 3, unsigned: true }, [-1, 0.6, 3.4, 9], [0, 0.5, 3.5, 3.5]],
    ['not clipped', { scale: 2, bitwidth: 3, clip: false }, [-9.1, 9.1], [-9, 9]],
    ['offset', { scale: 2, offset: 1, bitwidth: 3, unsigned: true }, [-3, -0.6, 0.2, 9], [-0.5, -0.5, 0, 3]],
    ['fractional offset', { scale: 1, offset: 0.25, bitwidth: 8 }, [0, 1], [-0.25, 0.75]],
    ['ties as the GPU', { scale: 1, bitwidth: 8 }, [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], [-2, -2, -0, 0, 2, 2]],
    [
      'ties as the CPU',
      { scale: 1, bitwidth: 8, rounding: 'cpu' },
      [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5],
      [-3, -2, -1, 1, 2, 3],
    ],
    ['NaN', { scale: 1, bitwidth: 8 }, [Number.NaN], [Number.NaN]],
    ['infinities', { scale: 1, bitwidth: 8 }, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], [127, -128]],
    ['one bit', { scale: 1, bitwidth: 1, unsigned: true }, [-4, 0.4, 0.6, 4], [0, 0, 1, 1]],
    ['stochastic', { scale: 1, bitwidth: 8, random: (i) => [0, 0.4, 0.6][i]! }, [2.5, 2.5, 2.5], [2, 2, 3]],
    ['stochastic CPU', { scale: 1, bitwidth: 2, rounding: 'cpu', random: () => 0.9 }, [-3, 0.2, 7], [-2, 1, 1]],
  ])('%s', (_name, options, values, wanted) => {
    expect(trimmed(values, options)).toEqual(wanted);
  });

  it('rounds as C does', () => {
    const values = [-8388609, -0.5, -0.49999997, -0, 0.49999997, 0.5, 8388607.5 - 0.5, 1e30];
    expect(values.map(roundHalfEven)).toEqual(
      [-8388609, -0, -0, 0, 0, 0, 8388607, 1e30].map((v, i) => (i === 3 ? -0 : v)),
    );
    expect(values.map(roundHalfAway)).toEqual(
      [-8388609, -1, -0, -0, 0, 1, 8388607, 1e30].map((v, i) => (i === 3 ? 0 : v)),
    );
  });
});

const seed = 11;
describe(`properties (seed ${seed})`, () => {
  const random = new RandomStream(seed);
  const cases = Array.from({ length: 300 }, () => {
    const min = random.bernoulli(0.3) ? 0 : -random.uniform(0, 5);
    const range = { min, max: random.uniform(0.1, 5), unsigned: min >= 0, applyOffset: random.bernoulli(0.5) };
    const bitwidth = 1 + random.integer(16);
    const found = estimateGuarded({ ...range, bitwidth, power2: random.bernoulli(0.5) });
    const rounding: Rounding = random.bernoulli(0.5) ? 'gpu' : 'cpu';
    const options = {
      scale: found.scaleTarget,
      offset: found.offset,
      bitwidth,
      unsigned: found.unsignedQuant,
      rounding,
    };
    const values = Array.from({ length: 64 }, () => random.uniform(min * 1.5 - 0.1, range.max * 1.5));
    return { options, values };
  });

  it('is idempotent', () => {
    for (const { options, values } of cases) {
      const once = trimmed(values, options);
      const twice = trimmed(once, options);
      // the second (code − offset)/scale may round to the neighbouring float
      const tolerance = 2 ** -22 * Math.max(...once.map(Math.abs), Math.abs(options.offset / options.scale));
      twice.forEach((v, i) => {
        expect(Math.abs(v - once[i]!), JSON.stringify(options)).toBeLessThanOrEqual(tolerance);
      });
    }
  });

  it('is monotonic, and gives at most 2^bits values', () => {
    for (const { options, values } of cases) {
      const found = trimmed(
        values.toSorted((a, b) => a - b),
        options,
      );
      expect(found, JSON.stringify(options)).toEqual(found.toSorted((a, b) => a - b));
      expect(new Set(found.map((v) => v + 0)).size).toBeLessThanOrEqual(2 ** options.bitwidth);
    }
  });

  it('moves no value that is not clipped by more than half a step', () => {
    for (const { options, values } of cases) {
      const found = trimmed(values, { ...options, clip: false });
      found.forEach((v, i) => {
        const step = 1 / options.scale;
        expect(Math.abs(v - values[i]!), JSON.stringify(options)).toBeLessThanOrEqual(step * 0.501 + 1e-5);
      });
    }
  });

  it('keeps the mean where rounding is stochastic', () => {
    const count = 20000;
    const values = new Float32Array(count).fill(0.3);
    trim(values, { scale: 1, bitwidth: 8, random: () => random.uniform() });
    const mean = values.reduce((sum, v) => sum + v, 0) / count;
    expect(Math.abs(mean - 0.3)).toBeLessThan(0.015);
  });
});
