import { create, type DeepPartial, readSolver, type SolverParameter } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { checkSolver } from './check-solver.ts';

const good = { net: 'x', baseLr: 0.1, lrPolicy: 'fixed', snapshotPrefix: 'x' };
const solver = (fields: DeepPartial<SolverParameter>) => create('SolverParameter', { ...good, ...fields });

describe('checkSolver', () => {
  it('accepts a plain solver', () => {
    expect(checkSolver(solver({})).type).toBe('SGD');
  });

  it.each([
    [{ averageLoss: 0 }, 'average_loss is 0; use the number of losses to average over, 1 or more'],
    [{ iterSize: 0 }, 'iter_size is 0; use the number of batches of one iteration, 1 or more'],
    [{ regularizationType: 'L3' }, 'regularization_type "L3" is not known; did you mean "L1"?'],
    [{ larc: true, type: 'Adam' }, 'larc is true, but type is Adam; use type SGD'],
    [{ larc: true, larcPolicy: 'scal' }, 'larc_policy "scal" is not known; did you mean "scale"?'],
    [{ evalType: 'detection' }, 'eval_type "detection" is not built yet; use classification'],
    [
      { testAndSnapshotLastEpochs: 2, snapshotPrefix: undefined },
      'snapshot_prefix is missing, but a snapshot is asked for in the last epochs',
    ],
    [
      { snapshot: 10, snapshotPrefix: undefined },
      'snapshot_prefix is missing, but a snapshot is asked for every 10 iterations',
    ],
  ])('refuses %j', (fields, message) => {
    expect(() => checkSolver(solver(fields))).toThrow(message);
  });

  it('knows where the field stands in the text', () => {
    const p = readSolver('net: "x"\nbase_lr: 0.1\nlr_policy: "setp"\n', { file: 'solver.prototxt' });
    expect(() => checkSolver(p)).toThrow('solver.prototxt:3:1: lr_policy "setp" is not known; did you mean "step"?');
  });
});
