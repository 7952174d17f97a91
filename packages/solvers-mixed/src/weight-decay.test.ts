import { create } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { weightDecayAt } from './weight-decay.ts';

describe('weight decay', () => {
  const fields = { weightDecay: 0.5, weightDecayPower: 2, maxIter: 10 };
  it('poly grows from 0 to weight_decay by max_iter', () => {
    const p = create('SolverParameter', { ...fields, weightDecayPolicy: 'poly' });
    expect([0, 5, 10, 20].map((iter) => weightDecayAt(p, iter))).toEqual([0, 0.125, 0.5, 0.5]);
  });

  it('every other policy is fixed, absent is 0', () => {
    expect(weightDecayAt(create('SolverParameter', { ...fields, weightDecayPolicy: 'whatever' }), 3)).toBe(0.5);
    expect(weightDecayAt(create('SolverParameter'), 3)).toBe(0);
  });
});
