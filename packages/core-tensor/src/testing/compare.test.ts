import { describe, expect, it } from 'vitest';
import { bitEqual, closeTo, worstDifference } from './compare.ts';

const [nan, infinite] = [Number.NaN, Number.POSITIVE_INFINITY];

describe('worstDifference', () => {
  it('is relative to the largest finite expected value', () => {
    expect(worstDifference([1, 9], [1, 10])).toEqual({ error: 0.1, index: 1 });
    expect(worstDifference([1, infinite], [2, infinite]).error).toBe(0.5);
    expect(worstDifference([0.25], [0])).toEqual({ error: 0.25, index: 0 });
    expect(worstDifference([], [])).toEqual({ error: 0, index: -1 });
  });

  it('takes NaN for equal to NaN, and infinite where only one is', () => {
    expect(worstDifference([nan, 1], [nan, 1]).error).toBe(0);
    expect(worstDifference([nan], [1])).toEqual({ error: infinite, index: 0 });
    expect(worstDifference([1], [nan]).error).toBe(infinite);
    expect(worstDifference([-infinite], [infinite]).error).toBe(infinite);
  });

  it('refuses other lengths', () => {
    expect(() => worstDifference([1], [1, 2])).toThrow('1 values where 2 are expected');
  });
});

describe('closeTo', () => {
  it('names the worst value and the bound', () => {
    closeTo([1.0001, 100], [1, 100], 1e-5);
    expect(() => closeTo([1, 101], [1, 100], 1e-5, 'y')).toThrow(
      'y[1] is 101, expected 100 (relative error 1.00e-2, allowed 1.0e-5; 2 values)',
    );
    expect(() => closeTo([1, 2], [1, 3], 'exact')).toThrow('they must be equal');
    closeTo([0], [-0], 'exact');
  });
});

describe('bitEqual', () => {
  it('tells 0 from −0', () => {
    bitEqual(Float32Array.of(1, nan), Float32Array.of(1, nan));
    expect(() => bitEqual(Float32Array.of(1, 0), Float32Array.of(1, -0), 'y')).toThrow('y[1] is 0 in one run');
  });
});
