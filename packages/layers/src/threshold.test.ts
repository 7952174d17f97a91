import { describe, expect, test } from 'vitest';
import { errorOf, topOf, values } from './testing/layer-testing.ts';
import { ThresholdLayer } from './threshold.ts';

describe('Threshold', () => {
  test('says where a value is greater', async () => {
    const each = { param: 'threshold: 0.5', bottoms: [[3]], values: values([0, 0.5, 2]) };
    expect(await topOf(ThresholdLayer, each)).toEqual([0, 0, 1]);
    expect(await errorOf(ThresholdLayer, each)).toContain('has no gradient, but one of its bottoms needs one');
  });
});
