import { readSolver } from '@jacinto/proto';
import type { SolverEvent } from '@jacinto/solvers-mixed';
import { describe, expect, it } from 'vitest';
import { logSolverEvent } from './log-solver-events.ts';

function linesOf(event: SolverEvent): string[] {
  const lines: string[] = [];
  const add = (letter: string) => (_source: string, text: string) => void lines.push(`${letter} ${text}`);
  logSolverEvent({ info: add('I'), warning: add('W'), error: add('E') }, event);
  return lines;
}

const iteration = {
  ...{ type: 'iteration' as const, iter: 20, maxIter: 40, loss: 1.9, smoothedLoss: 1.625089, rate: 0.01702023 },
  ...{ momentum: 0.9, weightDecay: 0.004, gradientScale: 1 },
};
const outputs = [
  { blob: 'accuracy', value: 0.5390625, lossWeight: 0 },
  { blob: 'loss', value: 1.625089, lossWeight: 0.5 },
];

describe('log lines', () => {
  it('of an iteration that is displayed', () => {
    const display = { pace: { seconds: 0.25, iterations: 20 }, warmingUp: false, rates: true, outputs };
    expect(linesOf({ ...iteration, display })).toEqual([
      'I Iteration 20 (80 iter/s, 0.25s/20 iter), loss = 1.62509',
      'I     Train net output #0: accuracy = 0.539062',
      'I     Train net output #1: loss = 1.62509 (* 0.5 = 0.812545 loss)',
      'I Iteration 20, lr = 0.0170202, m = 0.9, wd = 0.004, gs = 1',
    ]);
  });

  it('of the first iterations, with epochs, and of those that are not displayed', () => {
    const epochs = { done: 3.14, total: 10 };
    const display = { pace: { seconds: 0.25, iterations: 1 }, warmingUp: true, rates: false, outputs: [], epochs };
    expect(linesOf({ ...iteration, display })).toEqual(['I Iteration 20 (0.25 s), 3.1/10ep, loss = 1.62509']);
    expect(linesOf(iteration)).toEqual([]);
  });

  it('of tests', () => {
    expect(linesOf({ type: 'testing', iter: 20, net: 1, batches: 5 })).toEqual(['I Iteration 20, Testing net (#1)']);
    expect(linesOf({ type: 'tested', iter: 20, net: 1, outputs, loss: 2 })).toEqual([
      'I Test loss: 2',
      'I     Test net output #0: accuracy = 0.539062',
      'I     Test net output #1: loss = 1.62509 (* 0.5 = 0.812545 loss)',
    ]);
    expect(linesOf({ type: 'tests-started', iter: 0, initial: true })).toEqual(['I Initial Test started...']);
    expect(linesOf({ type: 'tests-started', iter: 8, initial: false })).toEqual([]);
    expect(linesOf({ type: 'tests-completed', iter: 0, initial: true, seconds: 1.5 })).toEqual([
      'I Initial Test completed in 1.5s',
    ]);
    expect(linesOf({ type: 'tests-completed', iter: 8, initial: false, seconds: 1.5 })).toEqual([
      'I Tests completed in 1.5s',
    ]);
  });

  it.each<[SolverEvent, string]>([
    [
      { type: 'creating-net', role: 'train', source: { field: 'net', file: 'a' } },
      'Creating training net from net file: a',
    ],
    [
      { type: 'creating-net', role: 'train', source: { field: 'net_param' } },
      'Creating training net specified in net_param.',
    ],
    [
      { type: 'creating-net', role: 'test', index: 2, source: { field: 'test_net', file: 'a' } },
      'Creating test net (#2) specified by test_net file: a',
    ],
    [{ type: 'multistep', iter: 10, step: 1 }, 'MultiStep Status: Iteration 10, step = 1'],
    [
      { type: 'gradients-clipped', iter: 1, norm: 4, limit: 1, factor: 0.25 },
      'Gradient clipping: scaling down gradients (L2 norm 4 > 1) by scale factor 0.25',
    ],
    [{ type: 'snapshot', kind: 'weights', file: 'a.caffemodel' }, 'Snapshotting to binary proto file a.caffemodel'],
    [{ type: 'snapshot', kind: 'weights', file: 'a.caffemodel.h5' }, 'Snapshotting to HDF5 file a.caffemodel.h5'],
    [{ type: 'snapshot', kind: 'state', file: 'a.h5' }, 'Snapshotting solver state to HDF5 file a.h5'],
    [{ type: 'snapshot', kind: 'state', file: 'a' }, 'Snapshotting solver state to binary proto file a'],
    [{ type: 'final-loss', iter: 40, loss: 1.2392912 }, 'Iteration 40, loss = 1.23929'],
    [{ type: 'stopped-early', iter: 4 }, 'Optimization stopped early.'],
    [{ type: 'finetuning', file: 'a' }, 'Finetuning from a'],
    [{ type: 'test-interrupted', iter: 4, net: 0 }, 'Test interrupted.'],
  ])('%j', (event, text) => {
    expect(linesOf(event)).toEqual([`I ${text}`]);
  });

  it('of the solver itself, as text', () => {
    const param = readSolver('base_lr: 0.02 net: "a"');
    expect(linesOf({ type: 'initializing', param })).toEqual([
      'I Initializing solver from parameters: \nbase_lr: 0.02\nnet: "a"',
    ]);
  });

  it('of a start', () => {
    expect(linesOf({ type: 'solving', net: 'small', policy: 'inv' })).toEqual([
      'I Solving small',
      'I Learning Rate Policy: inv',
    ]);
    expect(linesOf({ type: 'warning', message: 'careful' })).toEqual(['W careful']);
  });

  it('of a file of an older form: warnings where something was dropped', () => {
    const upgraded = (complete: boolean): SolverEvent => ({
      ...{ type: 'upgraded', file: 'old.prototxt' },
      result: { changed: true, complete, notes: ['V1 layers became V2 layers'] },
    });
    expect(linesOf(upgraded(true))).toEqual(['I Upgraded old.prototxt: V1 layers became V2 layers']);
    expect(linesOf(upgraded(false))).toEqual(['W Upgraded old.prototxt: V1 layers became V2 layers']);
  });
});
