import { describe, expect, test } from 'vitest';
import { LogLayer } from './log.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Log', () => {
  test('is the logarithm of shift + scale·x', async () => {
    const each = { bottoms: [[3]], values: values([0, 0.5, 3.5]) };
    const y = await topOf(LogLayer, { ...each, param: 'base: 2 scale: 2 shift: 1' });
    [0, 1, 3].forEach((value, i) => {
      expect(y[i]).toBeCloseTo(value, 6);
    });
  });

  test('refuses the bases 0 and 1', async () => {
    expect(await errorOf(LogLayer, { param: 'base: 0', bottoms: [[3]] })).toContain(
      'log_param.base is 0; use a positive number',
    );
    expect(await errorOf(LogLayer, { param: 'base: 1', bottoms: [[3]] })).toBe(
      'layer "test" (Log): log_param.base is 1; use another positive number, or -1 for e',
    );
  });
});
