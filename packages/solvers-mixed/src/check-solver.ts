import { type SolverParameter, Type } from '@jacinto/proto';
import { CaffeError, unknownName } from '@jacinto/proto/errors';
import { checkSchedule } from './learning-rate.ts';
import { locatedIn } from './located.ts';
import { momentumAt } from './momentum.ts';
import { type SolverType, solverTypeOf } from './update-rules.ts';

/** Refuses, before anything is built, a solver that would fail later. @throws CaffeError naming the field. */
export function checkSolver(p: SolverParameter): SolverType {
  return locatedIn(p, () => checkFields(p));
}

function checkFields(p: SolverParameter): SolverType {
  const type = solverTypeOf(p);
  checkSchedule(p);
  momentumAt(p, 0, 0);
  atLeastOne('average_loss', p.averageLoss, 'losses to average over');
  atLeastOne('iter_size', p.iterSize, 'batches of one iteration');
  if (!['L1', 'L2'].includes(p.regularizationType)) {
    throw unknownName('regularization_type', p.regularizationType, ['L1', 'L2']);
  }
  if (p.larc) checkLarc(p, type);
  if (p.evalType !== 'classification') {
    if (!['detection', 'segmentation'].includes(p.evalType)) {
      throw unknownName('eval_type', p.evalType, ['classification', 'detection', 'segmentation']);
    }
    throw notYet('eval_type', `"${p.evalType}" is not built yet`, 'use classification');
  }
  if ((p.snapshot > 0 || p.testAndSnapshotLastEpochs > 0) && p.snapshotPrefix === undefined) {
    const when = p.snapshot > 0 ? `every ${p.snapshot} iterations` : 'in the last epochs';
    throw new CaffeError({
      code: 'missing',
      field: 'snapshot_prefix',
      problem: `is missing, but a snapshot is asked for ${when}`,
      fix: 'give the first part of the file names, for example snapshot_prefix: "training/mynet"',
    });
  }
  return type;
}

/** Fields that are read and kept but do not change the arithmetic here; in words for the user. */
export function solverWarnings(p: SolverParameter): string[] {
  const warnings: string[] = [];
  if (p.solverDataType !== Type.FLOAT) {
    warnings.push('solver_data_type: history is kept and computed in FLOAT whatever it says');
  }
  return warnings;
}

function atLeastOne(field: string, value: number, what: string): void {
  if (value >= 1) return;
  throw new CaffeError({
    code: 'bad-value',
    field,
    problem: `is ${value}`,
    fix: `use the number of ${what}, 1 or more`,
  });
}

function checkLarc(p: SolverParameter, type: SolverType): void {
  if (type.rule !== 'sgd') {
    throw new CaffeError({
      code: 'bad-value',
      field: 'larc',
      problem: `is true, but type is ${type.type}`,
      fix: 'use type SGD',
    });
  }
  if (!['scale', 'clip'].includes(p.larcPolicy)) throw unknownName('larc_policy', p.larcPolicy, ['scale', 'clip']);
}

function notYet(field: string, problem: string, fix: string): CaffeError {
  return new CaffeError({ code: 'unsupported', field, problem, fix });
}
