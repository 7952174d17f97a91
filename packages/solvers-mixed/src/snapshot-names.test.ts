import { describe, expect, it } from 'vitest';
import { learnedNetCandidates, snapshotNames } from './snapshot-names.ts';

describe('snapshot names', () => {
  it('are prefix and iteration', () => {
    expect(snapshotNames('a/b', 20)).toEqual({ weights: 'a/b_iter_20.caffemodel', state: 'a/b_iter_20.solverstate' });
  });

  it('weights are looked for as named, then beside the state, then under its name', () => {
    expect(learnedNetCandidates('old/m_iter_5.caffemodel', 'new/x.solverstate')).toEqual([
      'old/m_iter_5.caffemodel',
      'new/m_iter_5.caffemodel',
      'new/x.caffemodel',
    ]);
    expect(learnedNetCandidates('m_iter_5.caffemodel', 'm_iter_5.solverstate')).toEqual(['m_iter_5.caffemodel']);
  });
});
