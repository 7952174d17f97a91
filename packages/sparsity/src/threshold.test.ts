import { describe, expect, it } from 'vitest';
import { lastStepBelow } from './last-step.ts';
import { nthSmallest } from './nth-smallest.ts';
import { literalChannelThreshold, literalLayerThreshold } from './testing/literal-search.ts';
import { randomFrom } from './testing/random.ts';
import { allowedZeros, channelThreshold, layerThreshold, zeroUpTo } from './threshold.ts';

/** Weights of many kinds: smooth, coarse with ties, with zeros, tiny, huge, one sign, denormal. */
function weightsOf(kind: number, length: number, { uniform, normal }: ReturnType<typeof randomFrom>): Float32Array {
  const make = [
    () => normal() * 0.05,
    () => Math.round(normal() * 4) / 16,
    () => (uniform() < 0.5 ? 0 : normal()),
    () => normal() * 1e-20,
    () => normal() * 1e20,
    () => uniform(),
    () => -uniform() * 3,
    () => normal() ** 5,
    () => normal() * 1e-36,
  ];
  return Float32Array.from({ length }, make[kind % make.length]!);
}

describe('channelThreshold', () => {
  it('is bit for bit the literal search, on random weights of many kinds', () => {
    for (let seed = 1; seed <= 450; seed++) {
      const random = randomFrom(seed);
      const length = 1 + Math.floor(random.uniform() * (seed % 3 === 0 ? 9 : 120));
      const weights = weightsOf(seed, length, random);
      const fraction = Math.floor(random.uniform() * 101) / 100;
      const maxRatio = [0.2, 0.2, 0.6, 1][seed % 4]!;
      const valueMax = [0.2, 0.2, 2, 1e30][Math.floor(seed / 4) % 4]!;
      const expected = literalChannelThreshold(weights, fraction, maxRatio, valueMax);
      const found = channelThreshold(weights, fraction, { maxRatio, valueMax });
      expect(found, `seed ${seed}, ${length} weights, fraction ${fraction}`).toBe(expected);
    }
  });

  it('worked out by hand', () => {
    const weights = Float32Array.of(0.05, -0.1, 0.2, -0.4, 1, 0.01, -0.02, 0.03, 0.04, 0.06);
    // At most 3 of 10 zeros: just under the fourth smallest, 0.04, to 1e-7 of the largest.
    const threshold = channelThreshold(weights, 0.3);
    expect(threshold).toBeGreaterThan(0.04 - 2e-7);
    expect(threshold).toBeLessThan(Math.fround(0.04));
    expect(zeroUpTo(weights, threshold)).toBe(3);
    expect([...weights].filter((w) => w === 0).length).toBe(3);
    // Capped just under 0.2 times the largest.
    expect(channelThreshold(weights, 0.9)).toBeGreaterThan(0.2 - 3e-7);
    expect(channelThreshold(weights, 0.9)).toBeLessThan(Math.fround(0.2));
  });

  it('corners: no weights, zeros, more zeros than asked for, NaN, values that are too small to divide', () => {
    expect(channelThreshold(new Float32Array(0), 0.5)).toBe(0);
    expect(channelThreshold(new Float32Array(5), 0.5)).toBe(0);
    expect(channelThreshold(Float32Array.of(0, 0, 0, 1), 0.5)).toBe(0);
    expect(channelThreshold(Float32Array.of(1e-45, 1e-44, 1), 0.9, { maxRatio: 1, valueMax: 1 })).toBeGreaterThan(0);
    expect(channelThreshold(Float32Array.of(1e-45, 3e-45), 0.5, { maxRatio: 1, valueMax: 1 })).toBe(0);
    const withNaN = Float32Array.of(Number.NaN, 0.1, 1, 1);
    expect(zeroUpTo(withNaN, channelThreshold(withNaN, 0.25))).toBe(1);
    expect(withNaN[0]).toBeNaN();
  });
});

describe('layerThreshold', () => {
  it('is bit for bit the literal search of 0.16', () => {
    for (let seed = 1; seed <= 90; seed++) {
      const random = randomFrom(seed);
      const weights = weightsOf(seed, 1 + Math.floor(random.uniform() * 40), random);
      const fraction = random.uniform();
      const expected = literalLayerThreshold(weights, fraction, 0.6, 1e30, 1e-5);
      const found = layerThreshold(weights, fraction, { maxRatio: 0.6, valueMax: 1e30, stepFactor: 1e-5 });
      expect(found, `seed ${seed}`).toBe(expected);
    }
  });
});

describe('parts', () => {
  it('lastStepBelow walks as float32 additions do', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { uniform } = randomFrom(seed);
      const step = Math.fround(2 ** -Math.floor(uniform() * 20) * (seed % 5 === 0 ? 1.5 : 1 + uniform()));
      const start = seed % 2 === 0 ? 0 : Math.fround(uniform() * 3);
      const limit = Math.fround(start + step * uniform() * 5000);
      let expected: number | undefined;
      for (let t = start; t < limit; t = Math.fround(t + step)) expected = t;
      expect(lastStepBelow(start, step, limit), `seed ${seed}`).toBe(expected);
    }
    expect(lastStepBelow(1, 0, 2)).toBe(1);
    expect(lastStepBelow(1, 1e-9, 2)).toBe(1);
    expect(lastStepBelow(2, 1, 2)).toBeUndefined();
  });

  it('nthSmallest finds what sorting finds', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomFrom(seed);
      const length = 1 + Math.floor(random.uniform() * 300);
      const values = weightsOf(seed % 9, length, random).map(Math.abs);
      const index = Math.floor(random.uniform() * length);
      expect(nthSmallest(values.slice(), length, index), `seed ${seed}`).toBe(values.slice().sort()[index]);
    }
    const ramp = Float32Array.from({ length: 5000 }, (_, i) => (i * 2003) % 5000);
    expect(nthSmallest(ramp, 5000, 4321)).toBe(4321);
    expect(nthSmallest(new Float32Array(1000).fill(7), 1000, 500)).toBe(7);
  });

  it('allowedZeros agrees with float32 division', () => {
    for (const [count, fraction] of [
      [10, 0.3],
      [7, 0.1],
      [576, 0.7],
      [27, 1],
      [27, 0],
      [27, -0.1],
      [3, 2],
    ] as const) {
      const f = Math.fround(fraction);
      let expected = -1;
      for (let zeros = 0; zeros <= count; zeros++) if (Math.fround(zeros / count) <= f) expected = zeros;
      expect(allowedZeros(count, f), `${count} ${fraction}`).toBe(expected);
    }
  });
});
