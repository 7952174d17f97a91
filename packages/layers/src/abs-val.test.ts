import { describe, expect, test } from 'vitest';
import { AbsValLayer } from './abs-val.ts';
import { topOf, values } from './testing/layer-testing.ts';

describe('AbsVal', () => {
  test('takes the magnitude', async () => {
    expect(await topOf(AbsValLayer, { bottoms: [[4]], values: values([-2, 0, 0.5, -3]) })).toEqual([2, 0, 0.5, 3]);
  });
});
