import { describe, expect, test } from 'vitest';
import { LSTMUnitLayer } from './lstm-unit.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('LSTMUnit', () => {
  const bottoms = [
    [1, 2, 1],
    [1, 2, 4],
    [1, 2],
  ];
  const gates = [0.5, 1, -1, 2, 0.5, 1, -1, 2];

  test('keeps the cell where a sequence goes on, and forgets it where one begins', async () => {
    const each = { bottoms, values: values([3, Number.NaN], gates, [1, 0]) };
    const fresh = sigmoid(0.5) * Math.tanh(2);
    const [kept, begun] = await topOf(LSTMUnitLayer, each);
    expect(kept).toBeCloseTo(sigmoid(1) * 3 + fresh, 5);
    expect(begun).toBeCloseTo(fresh, 5);
    const h = await topOf(LSTMUnitLayer, each, 1);
    expect(h[1]).toBeCloseTo(sigmoid(-1) * Math.tanh(fresh), 5);
  });

  test('refuses shapes that do not fit', async () => {
    const [cells, , marks] = bottoms as [number[], number[], number[]];
    expect(await errorOf(LSTMUnitLayer, { bottoms: [cells, [1, 2, 3], marks] })).toBe(
      'layer "test" (LSTMUnit): bottom[1] is 1 2 3 (6), but the cells (bottom[0]) are 1 2 1 (2); ' +
        'give the four gates of each cell: 1,2,4',
    );
    expect(await errorOf(LSTMUnitLayer, { bottoms: [cells, [1, 2, 4], [2, 1]] })).toContain(
      'bottom[2] is 2 1 (2); give one value an item: 1,2',
    );
    expect(await errorOf(LSTMUnitLayer, { bottoms: [[2, 2, 1], [2, 2, 4], marks] })).toContain(
      'bottom[0] is 2 2 1 (4); give the cells of one step: 1,N,D',
    );
  });
});
