import { describe, expect, it } from 'vitest';
import { emptyWindow, smooth } from './smoothed-loss.ts';

describe('smoothed loss', () => {
  it('is the mean while the window fills, then of the last average_loss losses', () => {
    const losses = [4, 2, 3, 9, 1, 5];
    let window = emptyWindow(10);
    const values = losses.map((loss, i) => {
      window = smooth(window, loss, 10 + i, 3);
      return +window.value.toFixed(9);
    });
    expect(values).toEqual([4, 3, 3, 14 / 3, 13 / 3, 5].map((value) => +value.toFixed(9)));
  });

  it('with a window of 1 is the last loss', () => {
    expect(smooth(smooth(emptyWindow(0), 4, 0, 1), 2, 1, 1).value).toBe(2);
  });

  it('does not change the window it is given', () => {
    const before = smooth(emptyWindow(0), 4, 0, 1);
    smooth(before, 2, 1, 1);
    expect(before).toEqual({ value: 4, losses: [4], startIter: 0 });
  });
});
