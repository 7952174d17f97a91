import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSolverFile } from '@jacinto/proto/node';
import { afterAll, describe, expect, it } from 'vitest';

const script = join(import.meta.dirname, 'stages.mjs');
const shared = resolve(process.env['JACINTO_SHARED'] ?? join(import.meta.dirname, '../../../shared'));
const database = join(shared, 'golden', 'files', 'cifar256_lmdb');
const folder = mkdtempSync(join(tmpdir(), 'jacinto-stages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env: { ...process.env, JACINTO_THREADS: '1' } });

it.each([
  [['--iterations', '0'], '--iterations is 0; use a whole number from 1 on'],
  [['--data', folder], 'train_lmdb is not there; make it with prepare.mjs'],
  [['--itrations', '1'], 'usage: node examples/cifar10/stages.mjs'],
])('says what is wrong with %j', (args, words) => {
  const { status, stderr } = run(...args);
  expect([status, stderr]).toEqual([1, expect.stringContaining(words)]);
});

it('the solvers are those that were published', () => {
  const sparse = readSolverFile(join(import.meta.dirname, 'solver_sparse.prototxt'));
  expect(sparse).toMatchObject({
    ...{ baseLr: expect.closeTo(0.01, 8), lrPolicy: 'poly', regularizationType: 'L1', maxIter: 64000, sparseMode: 1 },
    ...{ weightDecay: expect.closeTo(1e-5, 10), sparsityTarget: expect.closeTo(0.8, 6), sparsityStartIter: 4000 },
    ...{ sparsityStepIter: 1000, sparsityStepFactor: expect.closeTo(0.02, 8), sparsityStartFactor: 0 },
  });
});

describe.skipIf(!existsSync(database))('stages.mjs (skipped where ../shared is absent)', () => {
  it('runs every stage, and nothing twice', { timeout: 300_000 }, () => {
    const data = join(folder, 'data');
    // the materials are read-only; the copies must not be
    for (const part of ['train', 'test']) cpSync(database, join(data, `${part}_lmdb`), { recursive: true, mode: 0 });
    const args = ['--data', data, '--iterations', '1', '--test-batches', '1'];
    const first = run(...args);
    expect(first.status, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/\n1 iterations a training \(l1reg 1\); published: 64000, 80 % zeros\n/);
    expect(first.stdout).toMatch(/\nstage +accuracy +published +zeros +file +at 8 bits +no zeros +MACs left +time\n/);
    const published = { Initial: '91.50 %', L1: '90.82 %', Sparse: '90.32 %', Test: '90.94 %', '8 bits': '90.65 %' };
    for (const [stage, accuracy] of Object.entries(published))
      expect(first.stdout).toMatch(new RegExp(`\n${stage} +\\d+\\.\\d %  +${accuracy.replace('.', '\\.')}`));
    expect(first.stdout).toMatch(/\nAbsorbed +\d+\.\d % /);
    expect(first.stdout).toContain('- With the batch norms absorbed the accuracy is the same; outputs compared: ');
    const out = join(data, 'stages-1');
    expect(readFileSync(join(out, 'sparse', 'run.log'), 'utf8')).toContain('All zero weights of convolution layers');
    expect(readFileSync(join(out, 'quantized', 'saved.prototxt'), 'utf8')).toContain('quantize: true');
    const second = run(...args);
    expect(second.status, second.stderr).toBe(0);
    expect(second.stdout).not.toContain('caffe train');
    expect(second.stdout.split('\n').filter((line) => line.endsWith(': done already')).length).toBe(7);
    const ending = (text: string) => text.slice(text.indexOf('\n1 iterations'));
    expect(ending(second.stdout)).toBe(ending(first.stdout));
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    for (const stage of ['initial', 'l1reg', 'sparse', 'test', 'quantized', 'optimize', 'merged'])
      expect(page).toContain(`<article id="${stage}">`);
    expect(page).toContain('data-title="published">91.50 %<');
  });
});
