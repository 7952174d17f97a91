import { RandomStream, Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { createFiller, fill, fillerTypes } from './fillers.ts';

const backend = createReferenceBackend();
const seed = 1701;

function filled(shape: readonly number[], param: string, random = new RandomStream(seed)): number[] {
  const tensor = new Tensor(backend, shape);
  fill(tensor, parseText('FillerParameter', param), random);
  return Array.from(tensor.data.hostRead());
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const std = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));

describe(`fillers (seed ${seed})`, () => {
  it('constant: value, by default 0; also the filler where none is given', () => {
    expect(filled([2, 2], 'value: 3.5')).toEqual([3.5, 3.5, 3.5, 3.5]);
    const tensor = new Tensor(backend, [2]);
    tensor.data.hostWrite().fill(9);
    fill(tensor, undefined, new RandomStream(1));
    expect(Array.from(tensor.data.hostRead())).toEqual([0, 0]);
  });

  it('uniform: between min and max, by default 0 and 1', () => {
    const values = filled([1000], 'type: "uniform" min: -2 max: 4');
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThanOrEqual(4);
    expect(mean(values)).toBeCloseTo(1, 0);
    expect(std(values)).toBeCloseTo(6 / Math.sqrt(12), 0);
    expect(mean(filled([1000], 'type: "uniform"'))).toBeCloseTo(0.5, 1);
    expect(() => filled([1], 'type: "uniform" min: 2')).toThrow('filler.min is 2, above max (1); exchange them');
  });

  it('gaussian: mean and std', () => {
    const values = filled([2000], 'type: "gaussian" mean: 3 std: 0.5');
    expect(Math.abs(mean(values) - 3)).toBeLessThan(0.05);
    expect(Math.abs(std(values) - 0.5)).toBeLessThan(0.03);
    expect(() => filled([1], 'type: "gaussian" std: -1')).toThrow('filler.std is -1; use 0 or more');
  });

  it('gaussian sparse: about `sparse` of the values in a column are not 0', () => {
    const values = filled([50, 100], 'type: "gaussian" sparse: 5');
    const kept = values.filter((value) => value !== 0);
    expect(kept.length / values.length).toBeCloseTo(5 / 50, 1);
    expect(Math.abs(std(kept) - 1)).toBeLessThan(0.15);
    expect(filled([5, 5], 'type: "gaussian" sparse: 0').every((value) => value === 0)).toBe(true);
    expect(() => filled([1], 'type: "gaussian" sparse: -3')).toThrow(
      'filler.sparse is -3; use -1 (not sparse), or 0 and more',
    );
  });

  it.each(['constant', 'uniform', 'positive_unitball', 'xavier', 'msra', 'bilinear'])('%s refuses sparse', (type) => {
    expect(() => filled([2, 2, 2, 2], `type: "${type}" sparse: 3`)).toThrow(
      `filler.sparse is 3, but "${type}" is never sparse; use type "gaussian"`,
    );
    expect(filled([2, 2, 2, 2], `type: "${type}" sparse: -1`)).toHaveLength(16);
  });

  it('positive_unitball: each index of axis 0 sums to 1', () => {
    const values = filled([3, 4, 5], 'type: "positive_unitball"');
    for (let n = 0; n < 3; n++) {
      const slice = values.slice(20 * n, 20 * (n + 1));
      expect(slice.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(slice.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  // Shape 8 × 32 × 3 × 3: fan-in 288, fan-out 72.
  it.each([
    ['', 288],
    ['variance_norm: FAN_IN', 288],
    ['variance_norm: FAN_OUT', 72],
    ['variance_norm: AVERAGE', 180],
  ])('xavier and msra: spread goes by %s', (norm, n) => {
    const xavier = filled([8, 32, 3, 3], `type: "xavier" ${norm}`);
    const limit = Math.sqrt(3 / n);
    expect(largest(xavier)).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest(xavier)).toBeGreaterThan(0.98 * limit);
    const msra = filled([8, 32, 3, 3], `type: "msra" ${norm}`);
    expect(std(msra) / Math.sqrt(2 / n)).toBeCloseTo(1, 1);
  });

  it('xavier: weights of an InnerProduct have K inputs', () => {
    expect(largest(filled([500, 12], 'type: "xavier"'))).toBeCloseTo(Math.sqrt(3 / 12), 2);
  });

  it('bilinear: f is half the kernel, rounded down; bilinearstatic rounds up', () => {
    const row = [0.25, 0.75, 0.75, 0.25];
    const expected = row.flatMap((y) => row.map((x) => x * y));
    expect(filled([1, 1, 4, 4], 'type: "bilinear"')).toEqual(expected);
    expect(filled([2, 1, 4, 4], 'type: "bilinearstatic"')).toEqual([...expected, ...expected]);
    const odd = (type: string) => filled([1, 1, 3, 3], `type: "${type}"`).slice(3, 6);
    expect(odd('bilinear')).toEqual([1, 0, -1].map((x) => x * 0)); // f 1, c 0: rows 0, 1, 2 have the factors 1, 0, −1
    expect(odd('bilinearstatic')).toEqual([0.25 * 1, 0.75, 0.75].map((x) => x * 0.75));
  });

  it('bilinear refuses what is no square kernel', () => {
    expect(() => filled([1, 1, 3, 4], 'type: "bilinear"')).toThrow(
      'filler "bilinear" needs a square kernel of 4 axes, but the shape is 1 × 1 × 3 × 4; use kernel_size with one value',
    );
    expect(() => filled([4, 4], 'type: "bilinear"')).toThrow('but the shape is 4 × 4');
    expect(() => filled([1, 1, 1, 1], 'type: "bilinear"')).toThrow(
      'filler.type "bilinear" has no kernel of 1; use kernel_size: 2 or more',
    );
  });

  it('static fillers draw once and repeat', () => {
    const random = new RandomStream(seed);
    const [a, b, other] = [new Tensor(backend, [5]), new Tensor(backend, [5]), new Tensor(backend, [6])];
    const filler = createFiller(parseText('FillerParameter', 'type: "gaussianstatic"'));
    for (const tensor of [a, b, other]) filler.fill(tensor, random);
    expect(b.data.hostRead()).toEqual(a.data.hostRead());
    expect(other.data.hostRead()[0]).not.toBe(a.data.hostRead()[0]);
    const plain = createFiller(parseText('FillerParameter', 'type: "gaussian"'));
    plain.fill(a, random);
    plain.fill(b, random);
    expect(b.data.hostRead()).not.toEqual(a.data.hostRead());
  });

  it('same seed, same values; another stream, others', () => {
    const draw = (stream: number) => filled([4], 'type: "gaussian"', new RandomStream(seed, stream));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('knows these types and names the nearest', () => {
    expect(fillerTypes).toEqual([
      ...['constant', 'uniform', 'gaussian', 'positive_unitball', 'xavier', 'msra', 'bilinear'],
      ...['constantstatic', 'uniformstatic', 'gaussianstatic', 'positive_unitballstatic', 'xavierstatic', 'msrastatic'],
      'bilinearstatic',
    ]);
    expect(() => filled([1], 'type: "gausian"')).toThrow(
      'filler.type "gausian" is not known; did you mean "gaussian"?',
    );
  });

  it('fills empty tensors', () => {
    expect(filled([0, 3], 'type: "positive_unitball"')).toEqual([]);
    expect(filled([], 'type: "xavier"')).toHaveLength(1);
  });
});
