import { describe, expect, it } from 'vitest';
import { type ConvolutionWeights, countZeros, fractionFor, parseMethod, sparsify } from './index.ts';
import { zeroBlocks, zeroFilters, zeroInputs, zeroNOfM } from './patterns.ts';
import { randomFrom } from './testing/random.ts';

function layerOf(shape: number[], group = 1, values?: number[]): ConvolutionWeights {
  const { normal } = randomFrom(5);
  const count = shape.reduce((a, b) => a * b, 1);
  const made = values === undefined ? Float32Array.from({ length: count }, normal) : Float32Array.from(values);
  return { layer: 'c', paramName: '0', shape, group, counted: true, values: made };
}

describe('patterns', () => {
  it('2:4 keeps the two largest of four side by side along the inputs, and leaves a rest alone', () => {
    const layer = layerOf([1, 6, 1, 2], 1, [1, 9, -4, 8, 3, 7, 2, 6, 0.1, 0.2, 0.3, 0.4]);
    zeroNOfM(layer, 0.9, { n: 2, m: 4 });
    expect([...layer.values]).toEqual([0, 9, -4, 8, 3, 0, 0, 0, 0.1, 0.2, 0.3, 0.4].map(Math.fround));
  });

  it('N:M makes fewer zeros where the fraction asks for fewer', () => {
    const layer = layerOf([8, 16, 3, 3]);
    zeroNOfM(layer, 0.25, { n: 2, m: 4 });
    expect(countZeros(layer.values) / layer.values.length).toBe(0.25);
    zeroNOfM(layer, 0.5, { n: 2, m: 4 });
    expect(countZeros(layer.values) / layer.values.length).toBe(0.5);
  });

  it('filters with the smallest sum go, never all', () => {
    const layer = layerOf([4, 1, 1, 2], 1, [1, -1, 5, 0, 0.5, 0.5, 3, 3]);
    zeroFilters(layer, 0.5);
    expect([...layer.values]).toEqual([0, 0, 5, 0, 0, 0, 3, 3]);
    zeroFilters(layer, 1);
    expect([...layer.values]).toEqual([0, 0, 0, 0, 0, 0, 3, 3]);
  });

  it('inputs go in each group on their own', () => {
    const layer = layerOf([4, 2, 1, 1], 2, [1, 9, 1, 9, 8, 2, 8, 2]);
    zeroInputs(layer, 0.5);
    expect([...layer.values]).toEqual([0, 9, 0, 9, 8, 0, 8, 0]);
  });

  it('blocks of outputs × inputs do not cross groups; the last ones may be smaller', () => {
    const layer = layerOf([6, 1, 1, 1], 2, [5, 5, 1, 2, 2, 9]);
    zeroBlocks(layer, 0.5, { rows: 2, columns: 1 });
    expect([...layer.values]).toEqual([5, 5, 0, 0, 0, 9]);
  });

  it.each(['2:4', '1:8', 'filters', 'inputs', 'block4x1', 'channel', 'layer'])(
    '%s: zeros grow with the fraction and stay',
    (text) => {
      const layer = layerOf([32, 32, 3, 3]);
      const method = parseMethod(text);
      let zeros = 0;
      for (const fraction of [0.1, 0.3, 0.5, 0.7, 0.9]) {
        const before = layer.values.slice();
        const fractions = { low: fraction, mid: fraction, high: fraction };
        expect(sparsify(layer, fractions, { method, maxRatio: 1, valueMax: Infinity })).toBe(true);
        expect(layer.values.every((value, i) => value === 0 || value === before[i])).toBe(true);
        const now = countZeros(layer.values);
        expect(now).toBeGreaterThanOrEqual(zeros);
        expect(now / layer.values.length).toBeLessThanOrEqual(fraction + 1e-6);
        zeros = now;
      }
      expect(zeros).toBeGreaterThan(0);
    },
  );

  it.each([
    ['4:2', 'method is "4:2"; in N:M, N is 1 to M − 1, as in 2:4'],
    ['blocks', 'method is "blocks"; use channel, layer, N:M (2:4), filters, inputs, or blockRxC (block4x1)'],
    ['block0x1', 'method is "block0x1"; use channel, layer, N:M (2:4), filters, inputs, or blockRxC (block4x1)'],
  ])('%s is a fault', (text, message) => {
    expect(() => parseMethod(text)).toThrow(message);
  });
});

describe('fractionFor', () => {
  const fractions = { low: 0.1, mid: 0.2, high: 0.3 };
  it.each([
    ['fewer than 32 on both sides', [31, 31, 3, 3], 1, undefined],
    ['32 outputs', [32, 3, 3, 3], 1, 0.1],
    ['32 inputs', [5, 32, 3, 3], 1, 0.1],
    ['32 inputs in groups', [5, 16, 3, 3], 2, 0.1],
    ['32 on both sides', [32, 32, 3, 3], 1, 0.2],
    ['256 inputs, 512 outputs', [512, 64, 5, 3], 4, 0.3],
    ['256 inputs, 511 outputs', [511, 256, 3, 3], 1, 0.2],
    ['depthwise', [64, 1, 3, 3], 64, undefined],
    ['depthwise, two outputs each', [64, 1, 3, 3], 32, 0.2],
    ['1 × 1', [64, 64, 1, 1], 1, undefined],
    ['2 × 3', [64, 64, 2, 3], 1, undefined],
  ] as [string, number[], number, number | undefined][])('%s', (_, shape, group, expected) => {
    expect(fractionFor({ shape, group }, fractions)).toBe(expected);
  });

  it('0.16 did not look at the kernel', () => {
    expect(fractionFor({ shape: [64, 64, 1, 1], group: 1 }, fractions, { layerWise: true })).toBe(0.2);
  });
});
