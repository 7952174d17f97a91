import { describe, expect, test } from 'vitest';
import { ArgMaxLayer } from './arg-max.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('ArgMax', () => {
  const each = { bottoms: [[2, 3]], values: values([1, 5, 5, 9, 0, 2]) };

  test('ranks by value, of equal ones the higher index first', async () => {
    expect(await topOf(ArgMaxLayer, each)).toEqual([2, 0]);
    expect(await topOf(ArgMaxLayer, { ...each, param: 'top_k: 2 out_max_val: true' })).toEqual([
      2, 1, 5, 5, 0, 2, 9, 2,
    ]);
    expect(await topOf(ArgMaxLayer, { ...each, param: 'axis: 0' })).toEqual([1, 0, 0]);
    expect(await topOf(ArgMaxLayer, { ...each, param: 'axis: 0 out_max_val: true' })).toEqual([9, 5, 5]);
  });

  test('refuses more than there are', async () => {
    expect(await errorOf(ArgMaxLayer, { ...each, param: 'top_k: 4' })).toBe(
      'layer "test" (ArgMax): argmax_param.top_k is 4, but there are 3 values; use 1 to 3',
    );
  });
});
