import { describe, expect, test } from 'vitest';
import { PowerLayer } from './power.ts';
import { topOf, values } from './testing/layer-testing.ts';

describe('Power', () => {
  const each = { bottoms: [[3]], values: values([0, 1, 2]) };

  test('raises shift + scale·x to a power', async () => {
    expect(await topOf(PowerLayer, each)).toEqual([0, 1, 2]);
    expect(await topOf(PowerLayer, { ...each, param: 'power: 2 scale: 3 shift: -1' })).toEqual([1, 4, 25]);
  });

  test('is constant where scale·power is 0, NaN or not', async () => {
    const nan = { ...each, values: values([Number.NaN, 1, 2]) };
    expect(await topOf(PowerLayer, { ...nan, param: 'power: 0' })).toEqual([1, 1, 1]);
    expect(await topOf(PowerLayer, { ...nan, param: 'power: 2 scale: 0 shift: 3' })).toEqual([9, 9, 9]);
  });
});
