import { describe, expect, test } from 'vitest';
import { ContrastiveLossLayer } from './contrastive-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('ContrastiveLoss', () => {
  // Distances 5 (alike), 3 (not alike) and 0 (not alike).
  const bottoms = [[3, 2], [3, 2], [3]];
  const given = values([3, 4, 3, 0, 1, 1], [0, 0, 0, 0, 1, 1], [1, 0, 0]);

  test.each([
    ['', (25 + 0 + 1) / 6],
    ['margin: 4', (25 + 1 + 16) / 6],
    ['margin: 10 legacy_version: true', (25 + 1 + 10) / 6],
  ])('%s', async (param, expected) => {
    const [loss] = await topOf(ContrastiveLossLayer, { param, bottoms, values: given });
    expect(loss).toBeCloseTo(expected, 5);
  });

  test('refuses counts that do not fit', async () => {
    expect(await errorOf(ContrastiveLossLayer, { bottoms: [[3, 2], [3, 3], [3]] })).toBe(
      'layer "test" (ContrastiveLoss): bottom[0] is 3 2 (6), bottom[1] is 3 3 (9); their counts must be equal',
    );
    expect(await errorOf(ContrastiveLossLayer, { bottoms: [[3, 2], [3, 2], [2]] })).toContain(
      'bottom[2] is 2 (2), but there are 3 pairs; give one value a pair: 1 alike, 0 not',
    );
    expect(
      await errorOf(ContrastiveLossLayer, {
        bottoms: [
          [3, 2],
          [3, 2],
        ],
      }),
    ).toContain('has 2 bottoms, takes 3 bottoms');
  });
});
