import { expect, it } from 'vitest';
import { has, readSolver, upgradeSolver } from '../index.ts';

it.each([
  ['SGD', 'SGD'],
  ['NESTEROV', 'Nesterov'],
  ['ADAGRAD', 'AdaGrad'],
  ['RMSPROP', 'RMSProp'],
  ['ADADELTA', 'AdaDelta'],
  ['ADAM', 'Adam'],
])('turns solver_type: %s into type: "%s"', (old, type) => {
  const solver = readSolver(`net: "n" solver_type: ${old}`);
  expect([solver.type, has(solver, 'solverType')]).toEqual([type, false]);
  expect(upgradeSolver(solver)).toEqual({ changed: false, complete: true, notes: [] });
});

it('refuses both', () => {
  expect(() => readSolver('type: "Adam"\nsolver_type: SGD', { file: 's.prototxt' })).toThrow(
    's.prototxt:2:1: solver_type is given beside type: "Adam"; keep type, remove solver_type',
  );
});

it('upgrades the nets inside', () => {
  const solver = readSolver(
    'net_param { layers { name: "r" type: RELU } } test_net_param { layers { name: "t" type: TANH } }',
  );
  expect([solver.netParam!.layer[0]!.type, solver.testNetParam[0]!.layer[0]!.type]).toEqual(['ReLU', 'TanH']);
});
