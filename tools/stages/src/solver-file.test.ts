import { readSolver } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { rescaled } from './solver-file.ts';

const sparse = `max_iter: 64000 test_iter: 1 test_interval: 4000 snapshot: 2000 display_sparsity: 1000 sparse_mode: SPARSE_UPDATE
  sparsity_start_iter: 4000 sparsity_step_iter: 1000`;

it.each([
  [6400, { testInterval: 400, snapshot: 200, displaySparsity: 100, sparsityStartIter: 400, sparsityStepIter: 100 }],
  // 16 tests do not divide 100; 10 do
  [100, { testInterval: 10, snapshot: 3, displaySparsity: 2, sparsityStartIter: 6, sparsityStepIter: 2 }],
  [7, { testInterval: 1, snapshot: 1, displaySparsity: 1, sparsityStartIter: 1, sparsityStepIter: 1 }],
  [1, { testInterval: 1, snapshot: 1 }],
])('shortens a schedule to %d iterations, with a test at the end', (iterations, expected) => {
  const solver = readSolver(sparse);
  const short = rescaled(solver, iterations);
  expect(short).toMatchObject({ maxIter: iterations, ...expected });
  expect(iterations % short.testInterval).toBe(0);
  expect(solver.maxIter).toBe(64000); // it is a copy
});

it('leaves alone what a solver does not ask for', () => {
  const short = rescaled(readSolver('max_iter: 10 test_interval: 5 sparsity_start_iter: 3'), 20);
  expect(short).toMatchObject({ maxIter: 20, testInterval: 10, snapshot: 0, displaySparsity: 0, sparsityStartIter: 3 });
});
