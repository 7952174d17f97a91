import { describe, expect, it } from 'vitest';
import { clipFactor } from './clip.ts';
import { larcRate } from './larc.ts';

describe('LARC', () => {
  const norms = { weights: 4, gradient: 2 };
  it('scale: rate times eta·‖w‖/‖g‖, which replaces lr_mult', () => {
    expect(larcRate({ policy: 'scale', eta: 0.01 }, 0.5, 7, norms)).toBeCloseTo(0.01);
  });
  it('clip: the smaller of the rate and the local rate', () => {
    expect(larcRate({ policy: 'clip', eta: 0.01 }, 0.5, 1, norms)).toBeCloseTo(0.02);
    expect(larcRate({ policy: 'clip', eta: 0.01 }, 0.001, 1, norms)).toBe(0.001);
  });
  it('is the rate itself where a norm is 0, and 0 where lr_mult is 0', () => {
    expect(larcRate({ policy: 'scale', eta: 0.01 }, 0.5, 7, { weights: 0, gradient: 2 })).toBe(0.5);
    expect(larcRate({ policy: 'scale', eta: 0.01 }, 0.5, 0, norms)).toBe(0);
  });
});

describe('gradient clipping', () => {
  it.each([
    [10, 5, 0.5],
    [4, 5, 1],
    [5, 5, 1],
    [10, -1, 1],
    [10, 0, 0],
  ])('norm %d, limit %d: factor %d', (norm, limit, factor) => {
    expect(clipFactor(norm, limit)).toBe(factor);
  });
});
