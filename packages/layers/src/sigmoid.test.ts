import { describe, expect, test } from 'vitest';
import { SigmoidLayer } from './sigmoid.ts';
import { topOf, values } from './testing/layer-testing.ts';

describe('Sigmoid', () => {
  test('is 1/(1 + exp(−x)), 0 and 1 far out', async () => {
    const y = await topOf(SigmoidLayer, { bottoms: [[4]], values: values([0, Math.log(3), -1000, 1000]) });
    [0.5, 0.75, 0, 1].forEach((value, i) => {
      expect(y[i]).toBeCloseTo(value, 6);
    });
  });
});
