import { carryLocation, create, has, type SolverParameter } from '@jacinto/proto';

/**
 * Whose habits a run follows where Caffes differ. 'nvcaffe' (default): caffe-jacinto 0.17, without its faults. 'bvlc':
 * BVLC Caffe 1.0 — `delta` as written, a full test at iteration 0 unless test_initialization is false, and a test right
 * after resuming. 'caffe-jacinto-0.17': what differs by default as well, so that old results can be repeated; here that
 * is one test batch at iteration 0 whatever test_initialization says, and it is passed on to the nets.
 */
export type Compat = 'nvcaffe' | 'bvlc' | 'caffe-jacinto-0.17';

/** What to test before the first iteration: nothing, one batch of each test net (as NVCaffe does), or everything. */
export function initialTest(p: SolverParameter, compat: Compat): 'none' | 'one batch' | 'full' {
  if (compat === 'caffe-jacinto-0.17') return 'one batch';
  if (has(p, 'testInitialization')) return p.testInitialization ? 'full' : 'none';
  return compat === 'bvlc' ? 'full' : 'one batch';
}

/** A copy of the solver whose train_state has the level and stages of the command line added. */
export function withTrainState(p: SolverParameter, level?: number, stages?: readonly string[]): SolverParameter {
  if (level === undefined && stages === undefined) return p;
  const copy = Object.assign(create('SolverParameter'), p);
  const state = Object.assign(create('NetState'), p.trainState);
  if (level !== undefined) state.level = level;
  if (stages !== undefined) state.stage = [...state.stage, ...stages];
  copy.trainState = state;
  carryLocation(p, copy);
  return copy;
}
