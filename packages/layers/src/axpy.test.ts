import { describe, expect, test } from 'vitest';
import { AxpyLayer } from './axpy.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Axpy', () => {
  test('multiplies each channel by its factor and adds', async () => {
    const shape = [1, 2, 1, 2];
    const each = { bottoms: [[1, 2], shape, shape], values: values([2, -1], [1, 2, 3, 4], [10, 20, 30, 40]) };
    expect(await topOf(AxpyLayer, each)).toEqual([12, 24, 27, 36]);
  });

  test('refuses shapes that do not fit', async () => {
    const x = [2, 3, 4, 4];
    expect(await errorOf(AxpyLayer, { bottoms: [[2, 3], x, [2, 3, 4, 5]] })).toBe(
      'layer "test" (Axpy): bottom[1] is 2 3 4 4 (96), bottom[2] is 2 3 4 5 (120); give them one shape',
    );
    for (const factors of [[2, 4], [2], [2, 3, 4, 1]]) {
      expect(await errorOf(AxpyLayer, { bottoms: [factors, x, x] })).toContain(
        'give bottom[0] one value an item and channel: N,C or N,C,1,1',
      );
    }
  });
});
