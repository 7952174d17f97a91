import { describe, expect, test } from 'vitest';
import { HingeLossLayer } from './hinge-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('HingeLoss', () => {
  // Margins: 1 - 0.5, 1 + 2, 1 + (-3) → 0; then 1 + 0, 1 - (-1), 1 + 1.
  const each = { bottoms: [[2, 3], [2]], values: values([0.5, 2, -3, 0, -1, 1], [0, 1]) };

  test('sums margins or their squares over the items', async () => {
    expect(await topOf(HingeLossLayer, each)).toEqual([(0.5 + 3 + 1 + 2 + 2) / 2]);
    expect(await topOf(HingeLossLayer, { ...each, param: 'norm: L2' })).toEqual([(0.25 + 9 + 1 + 4 + 4) / 2]);
  });

  test('refuses labels that are no class or too many', async () => {
    expect(await errorOf(HingeLossLayer, { ...each, values: values([0], [0, 3]) })).toBe(
      'layer "test" (HingeLoss): label 3 is out of range: there are 3 classes; use 0 to 2',
    );
    expect(
      await errorOf(HingeLossLayer, {
        bottoms: [
          [2, 3],
          [2, 2],
        ],
      }),
    ).toContain('bottom[1] has 4 labels (2 2 (4)), but bottom[0] (2 3 (6)) has 2 items; give one label an item');
  });
});
