import { describe, expect, test } from 'vitest';
import { MVNLayer } from './mvn.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('MVN', () => {
  const each = { bottoms: [[1, 2, 2]], values: values([1, 3, 10, 30]) };
  const rounded = async (param: string): Promise<number[]> =>
    (await topOf(MVNLayer, { ...each, param })).map((value) => Math.round(value * 1e4) / 1e4);

  test('subtracts the mean and divides by the deviation of each channel', async () => {
    expect(await rounded('')).toEqual([-1, 1, -1, 1]);
    expect(await rounded('normalize_variance: false')).toEqual([-1, 1, -10, 10]);
    expect(await rounded('eps: 1')).toEqual([-0.5, 0.5, -0.9091, 0.9091]);
  });

  test('takes an item as a whole across channels', async () => {
    expect(await rounded('across_channels: true normalize_variance: false')).toEqual([-10, -8, -1, 19]);
  });

  test('gives 0 for a constant channel', async () => {
    expect(await topOf(MVNLayer, { bottoms: [[1, 1, 3]], values: values([5]) })).toEqual([0, 0, 0]);
  });

  test('refuses a bottom without channels', async () => {
    expect(await errorOf(MVNLayer, { bottoms: [[3]] })).toBe(
      'layer "test" (MVN): bottom[0] is 3 (3); give it items and channels: N,C,…',
    );
  });
});
