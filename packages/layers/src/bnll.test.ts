import { describe, expect, test } from 'vitest';
import { BNLLLayer } from './bnll.ts';
import { topOf, values } from './testing/layer-testing.ts';

describe('BNLL', () => {
  test('is log(1 + exp(x)), of large values too', async () => {
    const y = await topOf(BNLLLayer, { bottoms: [[4]], values: values([0, Math.log(3), 500, -500]) });
    [Math.log(2), Math.log(4), 500, 0].forEach((value, i) => {
      expect(y[i]).toBeCloseTo(value, 5);
    });
  });
});
