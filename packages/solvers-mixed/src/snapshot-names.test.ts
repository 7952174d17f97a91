import { describe, expect, it } from 'vitest';
import { learnedNetCandidates, snapshotNames } from './snapshot-names.ts';

describe('snapshot names', () => {
  it('are prefix and iteration', () => {
    expect(snapshotNames('a/b', 20)).toEqual({ weights: 'a/b_iter_20.caffemodel', state: 'a/b_iter_20.solverstate' });
  });

  it('end in .h5 for HDF5', () => {
    expect(snapshotNames('a', 3, [], true)).toEqual({
      weights: 'a_iter_3.caffemodel.h5',
      state: 'a_iter_3.solverstate.h5',
    });
    expect(learnedNetCandidates('m.caffemodel.h5', 'new/x.solverstate.h5')).toEqual([
      'm.caffemodel.h5',
      'new/m.caffemodel.h5',
      'new/x.caffemodel.h5',
    ]);
  });

  it('hold up to five scores', () => {
    const { weights, state } = snapshotNames('a', 9, [0.9312345678, 0.25, 1, 2, 3, 4]);
    expect(weights).toBe('a_iter_9_score0_0.931235_score1_0.25_score2_1_score3_2_score4_3.caffemodel');
    expect(state).toBe('a_iter_9.solverstate');
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
