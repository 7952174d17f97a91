import { describe, expect, it } from 'vitest';
import { lastEpochsDue } from './epochs.ts';

describe('test_and_snapshot_last_epochs', () => {
  it('falls due as each of the last epochs begins, and at the last iteration', () => {
    let remaining = 2; // N = 3
    const due: number[] = [];
    for (let iter = 0; iter < 100; iter++) {
      if (!lastEpochsDue({ iter, stopIter: 100, maxIter: 100, iterationsPerEpoch: 10 }, remaining)) continue;
      due.push(iter);
      remaining--;
    }
    expect(due).toEqual([81, 91, 99]);
  });
});
