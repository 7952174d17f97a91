import { CaffeError } from '../errors/index.ts';
import { type SolverParameter, SolverParameter as SolverValues } from '../generated/messages.ts';
import { locationOf } from '../messages/location.ts';
import { has } from '../messages/message.ts';
import type { UpgradeOptions, UpgradeResult } from './note.ts';

const typeNames: Readonly<Record<number, string>> = {
  [SolverValues.SolverType.SGD]: 'SGD',
  [SolverValues.SolverType.NESTEROV]: 'Nesterov',
  [SolverValues.SolverType.ADAGRAD]: 'AdaGrad',
  [SolverValues.SolverType.RMSPROP]: 'RMSProp',
  [SolverValues.SolverType.ADADELTA]: 'AdaDelta',
  [SolverValues.SolverType.ADAM]: 'Adam',
};

/** Turns the old `solver_type: ADAM` into `type: "Adam"`, in place. @throws CaffeError where a solver gives both. */
export function upgradeSolver(solver: SolverParameter, { file }: UpgradeOptions = {}): UpgradeResult {
  if (!has(solver, 'solverType')) return { changed: false, complete: true, notes: [] };
  if (has(solver, 'type')) {
    throw new CaffeError({
      code: 'bad-value',
      file,
      ...locationOf(solver, 'solverType'),
      field: 'solver_type',
      problem: `is given beside type: "${solver.type}"`,
      fix: 'keep type, remove solver_type',
    });
  }
  solver.type = typeNames[solver.solverType]!;
  Reflect.deleteProperty(solver, 'solverType');
  return { changed: true, complete: true, notes: [`solver_type became type: "${solver.type}"`] };
}
