import { describe, expect, test } from 'vitest';
import { TanHLayer } from './tanh.ts';
import { topOf, values } from './testing/layer-testing.ts';

describe('TanH', () => {
  test('is the hyperbolic tangent, 1 far out', async () => {
    const y = await topOf(TanHLayer, { bottoms: [[4]], values: values([0, 1, -1, 100]) });
    [0, Math.tanh(1), -Math.tanh(1), 1].forEach((value, i) => {
      expect(y[i]).toBeCloseTo(value, 6);
    });
  });
});
