import { describe, expect, it } from 'vitest';
import { dropoutThreshold, philox, RandomStream, randomAt } from './random.ts';

function block(counter: readonly number[], key: readonly number[]): string[] {
  const out = new Uint32Array(4);
  philox(counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!, out);
  return [...out].map((word) => word.toString(16).padStart(8, '0'));
}

describe('Philox-4x32-10', () => {
  // Known answers of the Random123 library (kat_vectors, philox4x32 10).
  const ones = 0xffffffff;
  it('gives the known answers', () => {
    expect(block([0, 0, 0, 0], [0, 0])).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
    expect(block([ones, ones, ones, ones], [ones, ones])).toEqual(['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd']);
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      'd16cfe09',
      '94fdcceb',
      '5001e420',
      '24126ea1',
    ]);
  });

  it('randomAt gives the four words of a block one after the other', () => {
    expect([0, 1, 2, 3].map((i) => randomAt(0, 0, 0, i).toString(16))).toEqual(block([0, 0, 0, 0], [0, 0]));
    expect(randomAt(7, 3, 5, 42)).toBe(Number.parseInt(block([10, 5, 3, 0], [7, 0])[2]!, 16));
    expect(randomAt(-1, 0, 2 ** 40 + 1, 0)).toBe(Number.parseInt(block([0, 1, 0, 256], [ones, ones])[0]!, 16));
  });
});

describe('RandomStream', () => {
  it('repeats for the same seed and stream, and differs otherwise', () => {
    const draw = (seed: number, stream: number): number[] => {
      const random = new RandomStream(seed, stream);
      return Array.from({ length: 9 }, () => random.word());
    };
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(1, 0)).not.toEqual(draw(2, 0));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
  });

  it('goes on from a saved state', () => {
    const random = new RandomStream(11, 4);
    for (let i = 0; i < 5; i++) random.word();
    const restored = RandomStream.restore(JSON.parse(JSON.stringify(random.save())));
    for (let i = 0; i < 10; i++) expect(restored.gaussian()).toBe(random.gaussian());
  });

  it('has the moments of its distributions (seed 5, 40,000 values)', () => {
    const random = new RandomStream(5);
    const moments = (next: () => number): [number, number] => {
      const values = Array.from({ length: 40_000 }, next);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
    };
    const [uniformMean, uniformVariance] = moments(() => random.uniform(-1, 3));
    expect(uniformMean).toBeCloseTo(1, 1);
    expect(uniformVariance).toBeCloseTo(16 / 12, 1);
    const [gaussianMean, gaussianVariance] = moments(() => random.gaussian(2, 0.5));
    expect(gaussianMean).toBeCloseTo(2, 1);
    expect(gaussianVariance).toBeCloseTo(0.25, 1);
    const [heads] = moments(() => (random.bernoulli(0.3) ? 1 : 0));
    expect(heads).toBeCloseTo(0.3, 1);
  });

  it('integer(n) reaches each number about equally often', () => {
    const random = new RandomStream(9);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i++) counts[random.integer(7)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
    expect(random.integer(1)).toBe(0);
    expect(random.integer(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it('shuffle keeps every item', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = [...items];
    new RandomStream(3).shuffle(shuffled);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});

describe('dropoutThreshold', () => {
  it('is the share of 2³² that is dropped', () => {
    expect(dropoutThreshold(0)).toBe(0);
    expect(dropoutThreshold(0.5)).toBe(2 ** 31);
  });
});
