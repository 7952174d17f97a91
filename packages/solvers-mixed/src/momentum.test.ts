import { create } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { momentumAt } from './momentum.ts';

describe('momentum', () => {
  it('fixed: momentum, 0 where it is absent', () => {
    expect(momentumAt(create('SolverParameter', { momentum: 0.5 }), 7, 0.1)).toBe(0.5);
    expect(momentumAt(create('SolverParameter'), 7, 0.1)).toBe(0);
  });

  it('poly: grows to max_momentum by max_iter', () => {
    const p = create('SolverParameter', {
      momentum: 0.5,
      maxMomentum: 0.9,
      momentumPower: 2,
      maxIter: 10,
      momentumPolicy: 'poly',
    });
    expect(momentumAt(p, 0, 0)).toBeCloseTo(0.5, 7);
    expect(momentumAt(p, 5, 0)).toBeCloseTo(0.6, 7);
    expect(momentumAt(p, 10, 0)).toBeCloseTo(0.9, 7);
    expect(momentumAt(p, 20, 0)).toBeCloseTo(0.9, 7);
  });

  it('opt: stops at max_momentum only where that is written', () => {
    const p = create('SolverParameter', { momentumPolicy: 'opt' });
    expect(momentumAt(p, 0, 0.0001)).toBeCloseTo(0.990025, 6);
    p.maxMomentum = 0.9;
    expect(momentumAt(p, 0, 0.0001)).toBeCloseTo(0.9, 6);
    expect(momentumAt(p, 0, 0.04)).toBeCloseTo(0.81, 6);
  });

  it('names the nearest policy', () => {
    const p = create('SolverParameter', { momentumPolicy: 'fixd' });
    expect(() => momentumAt(p, 0, 0)).toThrow('momentum_policy "fixd" is not known; did you mean "fixed"?');
  });
});
