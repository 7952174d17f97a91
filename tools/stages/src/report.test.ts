import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTrainingLog } from '@jacinto/plot/log';
import { readSolver } from '@jacinto/proto';
import { afterAll, expect, it } from 'vitest';
import { embeddedStages, findings, type Model, reportPage, resultsTable, type StageResult } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'jacinto-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const solver = (more = '') => readSolver(`max_iter: 10 test_interval: 5 ${more}`);
const stages = embeddedStages({
  solvers: { initial: solver(), l1reg: solver(), sparse: solver('sparse_mode: SPARSE_UPDATE sparsity_target: 0.5') },
  ...{ testNet: 'test.prototxt', quantizedNet: 'q.prototxt', testBatches: 3, published: { initial: 0.915 } },
});

/** A model of one convolution with four weights, so many of them 0. */
function model(zeros: number): Model {
  const values = Float32Array.from([1, -2, 3, 4], (value, i) => (i < zeros ? 0 : value));
  return {
    ...{ file: 165_400, eightBits: 42_900, withoutZeros: 42_900 - zeros * 1000 },
    convolutions: [{ layer: 'conv<1>', paramName: '0', shape: [4, 1, 1, 1], group: 1, counted: true, values }],
    sparsity: { kind: 'Sparsity', rows: [], zeros, count: 4, sparsity: zeros / 4 },
    work: [{ name: 'conv<1>', type: 'Convolution', weights: 4, dense: 4000, left: 4000 - zeros * 1000 }],
  };
}

const log = parseTrainingLog('Iteration 5, loss = 0.5\nIteration 9, loss = 0.25');
const accuracies: Record<string, number> = {
  initial: 0.96,
  l1reg: 0.95,
  sparse: 0.9,
  test: 0.945,
  quantized: 0.94,
  merged: 0.945,
};
const resultsWith = (changed: Record<string, number> = {}): StageResult[] =>
  stages.map((stage) => ({
    ...{ stage, seconds: 65, command: [stage.command, ...stage.args].join(' ') },
    ...(stage.training ? { log } : {}),
    accuracy: { ...accuracies, ...changed }[stage.name],
    checked: stage.name === 'optimize' ? 'Checked: worst difference 1e-7' : undefined,
    model: stage.result === undefined ? undefined : model(stage.name === 'initial' || stage.name === 'l1reg' ? 0 : 2),
  }));

it('builds the commands of the recipe', () => {
  expect(stages.map(({ args }) => args.join(' '))).toEqual([
    'train --solver=initial/solver.prototxt',
    'train --solver=l1reg/solver.prototxt --weights=initial/initial_iter_10.caffemodel',
    'train --solver=sparse/solver.prototxt --weights=l1reg/l1reg_iter_10.caffemodel',
    'test --model=test.prototxt --weights=sparse/sparse_iter_10.caffemodel --iterations=3 --display_sparsity',
    'test --model=q.prototxt --weights=sparse/sparse_iter_10.caffemodel --iterations=3 --output_model=quantized/saved',
    'optimize --model=test.prototxt --weights=sparse/sparse_iter_10.caffemodel --output_model=merged',
    'test --model=merged.prototxt --weights=merged.caffemodel --iterations=3',
  ]);
});

it('prints a line for each stage that has a net', () => {
  expect(resultsTable(resultsWith()).split('\n').slice(0, 4)).toEqual([
    'stage     accuracy  published   zeros      file  at 8 bits  no zeros    MACs left       time',
    'Initial     96.0 %    91.50 %   0.0 %  165.4 kB    42.9 kB   42.9 kB  4 k (100 %)  1 min 5 s',
    'L1          95.0 %              0.0 %  165.4 kB    42.9 kB   42.9 kB  4 k (100 %)  1 min 5 s',
    'Sparse      90.0 %             50.0 %  165.4 kB    42.9 kB   40.9 kB   2 k (50 %)  1 min 5 s',
  ]);
  expect(resultsTable(resultsWith())).not.toContain('\nAbsorb ');
});

it('says what was lost and won', () => {
  expect(findings(resultsWith())).toEqual([
    "50.0 % of the convolutions' 4 weights are 0 (target 50 %); 2 k of 4 k multiply-accumulates a picture are left.",
    'From the first training to the sparse net: −1.5 points of accuracy.',
    'By rounding to 8 bits: −0.5 points of accuracy.',
    'With the batch norms absorbed the accuracy is the same; outputs compared: worst difference 1e-7.',
    'The net went from 165.4 kB to 40.9 kB, in 8 bits and without its zeros.',
  ]);
});

it('does not hide what went wrong', () => {
  const results = resultsWith({ merged: 0.9 });
  results[2]!.model = model(1);
  expect(findings(results)[0]).toContain("25.0 % of the convolutions' 4 weights are 0 (target 50 %, not reached)");
  expect(findings(results)[3]).toContain('the accuracy is NOT the same (−4.5 points)');
});

it('makes a page that holds all it shows, and escapes names', async () => {
  const file = join(folder, 'a.png');
  writeFileSync(file, Buffer.from('iVBORw0KGgo=', 'base64'));
  const pictures = [
    { file, label: 'stop', answer: 'stop', probability: 0.99 },
    { file, label: 'stop', answer: 'y<ield', probability: 0.5 },
  ];
  const page = await reportPage({ title: 'T & U', about: 'About.', results: resultsWith(), pictures });
  expect(page).toContain('<title>T &amp; U</title>');
  expect(page.match(/<article id=/g)).toHaveLength(7);
  expect(page.match(/<svg role="img"/g)).toHaveLength(3);
  expect(page).toContain('conv&lt;1&gt;');
  expect(page).toContain('wrong: it is stop');
  expect(page).toContain('1 of these 2 are right');
  expect(page).not.toMatch(/<ield|conv<1>/);
  expect(page).not.toMatch(/(src|href)="(?!#|data:)/);
  expect(page).not.toContain('NaN');
});
