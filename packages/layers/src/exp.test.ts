import { describe, expect, test } from 'vitest';
import { ExpLayer } from './exp.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Exp', () => {
  test('raises the base to shift + scale·x', async () => {
    const each = { bottoms: [[3]], values: values([0, 1, 2]) };
    const y = await topOf(ExpLayer, { ...each, param: 'base: 2 scale: 2 shift: 1' });
    const natural = await topOf(ExpLayer, each);
    [2, 8, 32].forEach((value, i) => {
      expect(y[i]! / value).toBeCloseTo(1, 6);
      expect(natural[i]).toBeCloseTo(Math.exp(i), 5);
    });
  });

  test('refuses a base that is not positive', async () => {
    expect(await errorOf(ExpLayer, { param: 'base: -2', bottoms: [[3]] })).toBe(
      'layer "test" (Exp): exp_param.base is -2; use a positive number, or -1 for e',
    );
  });
});
