import { create, type DeepPartial, type SolverParameter } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { advance, checkSchedule, learningRate } from './learning-rate.ts';

const solver = (fields: DeepPartial<SolverParameter>) => create('SolverParameter', fields);

/** Rates at iterations 0, 1, … of a schedule walked from the start. */
function rates(p: SolverParameter, count: number): number[] {
  let step = 0;
  return Array.from({ length: count }, (_, iter) => {
    ({ step } = advance(p, { iter, step }));
    return learningRate(p, { iter, step });
  });
}

describe('learning-rate policies', () => {
  const base = { baseLr: 0.5, gamma: 0.5, power: 2, stepsize: 2, maxIter: 4 };
  it.each([
    ['fixed', [0.5, 0.5, 0.5, 0.5, 0.5]],
    ['step', [0.5, 0.5, 0.25, 0.25, 0.125]],
    ['exp', [0.5, 0.25, 0.125, 0.0625, 0.03125]],
    ['inv', [0.5, 0.5 / 1.5 ** 2, 0.5 / 4, 0.5 / 2.5 ** 2, 0.5 / 9]],
    ['poly', [0.5, 0.5 * 0.75 ** 2, 0.5 * 0.25, 0.5 * 0.0625, 0]],
    ['sigmoid', [-2, -1, 0, 1, 2].map((x) => 0.5 / (1 + Math.exp(-0.5 * x)))],
  ])('%s', (lrPolicy, expected) => {
    const got = rates(solver({ ...base, lrPolicy }), expected.length);
    expected.forEach((rate, iter) => {
      expect(got[iter]).toBeCloseTo(rate, 7);
    });
  });

  it('multistep drops one step an iteration at most', () => {
    const p = solver({ baseLr: 1, gamma: 0.5, lrPolicy: 'multistep', stepvalue: [1, 1, 3] });
    expect(rates(p, 5)).toEqual([1, 0.5, 0.25, 0.125, 0.125]);
  });

  it('ramps up by the square, without shifting the decay, and never goes below min_lr', () => {
    const p = solver({ baseLr: 1, minLr: 0.2, lrPolicy: 'exp', gamma: 0.5, rampupInterval: 2, rampupLr: 0.5 });
    expect(rates(p, 5).map((rate) => +rate.toFixed(6))).toEqual([0.5, 0.625, 0.25, 0.2, 0.2]);
  });

  it('poly ends at min_lr and stays there beyond max_iter, whatever the power', () => {
    const p = solver({ baseLr: 1, minLr: 0.1, lrPolicy: 'poly', power: 1.5, maxIter: 2 });
    expect(rates(p, 5).slice(2)).toEqual([0.1, 0.1, 0.1].map(Math.fround));
  });
});

describe('schedules that are refused', () => {
  it.each([
    [{ baseLr: 1, lrPolicy: 'setp' }, 'lr_policy "setp" is not known; did you mean "step"?'],
    [
      { baseLr: 1, lrPolicy: 'plateau' },
      'lr_policy "plateau" is not known; use one of fixed, step, exp, inv, multistep, poly, sigmoid',
    ],
    [{ baseLr: 1 }, 'lr_policy is missing; use one of fixed, step, exp, inv, multistep, poly, sigmoid'],
    [{ lrPolicy: 'fixed' }, 'base_lr is missing; for example base_lr: 0.01'],
    [
      { baseLr: 1, lrPolicy: 'step' },
      'stepsize is 0, but policy "step" divides by it; use the number of iterations between two drops, 1 at least',
    ],
    [
      { baseLr: 0.5, minLr: 1, lrPolicy: 'poly' },
      'min_lr is 1, above base_lr (0.5); policy poly falls from base_lr to min_lr; use at most 0.5',
    ],
  ])('%j', (fields, message) => {
    expect(() => checkSchedule(solver(fields))).toThrow(message);
  });
});
