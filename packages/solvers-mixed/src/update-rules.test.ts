import { create } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { solverTypeOf, updateRates } from './update-rules.ts';

const solver = (fields: Parameters<typeof create<'SolverParameter'>>[1]) => create('SolverParameter', fields);

describe('solver types', () => {
  it.each([
    ['SGD', 'sgd', 1],
    ['Nesterov', 'nesterov', 1],
    ['AdaGrad', 'adagrad', 1],
    ['RMSProp', 'rmsprop', 1],
    ['AdaDelta', 'adadelta', 2],
    ['Adam', 'adam', 2],
  ])('%s', (type, rule, history) => {
    expect(solverTypeOf(solver({ type }))).toMatchObject({ rule, history });
  });

  it.each([
    [{ type: 'Adm' }, 'type "Adm" is not known; did you mean "Adam"?'],
    [{ type: 'LBFGSB' }, 'type "LBFGSB" is not known; use one of AdaDelta, AdaGrad, Adam, Nesterov, RMSProp, SGD'],
    [
      { type: 'AdaGrad', momentum: 0.5 },
      'momentum is 0.5, but AdaGrad has no momentum; remove momentum, or use another type (SGD, Nesterov, AdaDelta, Adam)',
    ],
    [
      { type: 'RMSProp', momentum: 0.5 },
      'momentum is 0.5, but RMSProp has no momentum; remove momentum, or use another type (SGD, Nesterov, AdaDelta, Adam)',
    ],
    [{ type: 'RMSProp', rmsDecay: 1 }, 'rms_decay is 1; use 0 or more, and less than 1'],
  ])('refuses %j', (fields, message) => {
    expect(() => solverTypeOf(solver(fields))).toThrow(message);
  });
});

describe('rates of an update', () => {
  const at = { iter: 0, momentum: 0.9, gradientFactor: 0.5 };
  it.each([
    ['AdaGrad', 1e-3],
    ['AdaDelta', 1e-3],
    ['RMSProp', 1e-4],
    ['Adam', 1e-4],
    ['SGD', 1e-8],
  ])('%s: delta is %s at least', (type, least) => {
    const p = solver({ type, delta: 1e-8 });
    expect(updateRates(solverTypeOf(p), p, at).delta).toBeCloseTo(least, 10);
    expect(updateRates(solverTypeOf(p), solver({ type, delta: 0.5 }), at).delta).toBe(0.5);
  });

  it('Adam corrects for the zeros that its averages begin with', () => {
    const p = solver({ type: 'Adam', momentum: 0.9, momentum2: 0.99 });
    const correction = (iter: number) => updateRates(solverTypeOf(p), p, { ...at, iter }).correction;
    expect(correction(0)).toBeCloseTo(Math.sqrt(0.01) / 0.1, 5);
    expect(correction(2)).toBeCloseTo(Math.sqrt(1 - 0.99 ** 3) / (1 - 0.9 ** 3), 5);
  });
});
