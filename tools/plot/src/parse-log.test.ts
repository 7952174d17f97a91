import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTestLog, parseTrainingLog } from './log.ts';

const prefix = 'I1124 17:19:00.229171 29212 solver.cpp:45] ';
const linesOf = (...lines: string[]) => lines.map((line) => prefix + line).join('\n');

describe('parseTrainingLog', () => {
  it('reads the share of zeros, at the iteration named last', () => {
    const log = parseTrainingLog(
      linesOf(
        'Iteration 90 (9 iter/s, 0.1s/10 iter), 1/9ep, loss = 0.5',
        'Finding and applying sparsity: sparsity_target=0.8 sparsity_factor=0.1 sparsity_achieved=0.05 iter=100',
        'Sparsity after update:',
        'Num Params(2), Sparsity (zero_weights/count): ',
        'conv1_param_0(0.05) ',
        'Total Sparsity (zero_weights/count) =  (90/1000) 0.09',
        'Iteration 110, loss = 0.4',
        'Total Sparsity (zero_weights/count) =  (800/1000) 0.8',
        'Total Sparsity (zero_weights/count) =  (0/0) -nan',
      ),
    );
    expect(log.sparsity).toEqual([
      { iteration: 100, share: 0.09 },
      { iteration: 110, share: 0.8 },
      { iteration: 110, share: Number.NaN },
    ]);
  });

  it('reads the lines of BVLC Caffe', () => {
    const log = parseTrainingLog(
      linesOf(
        'Finetuning from init.caffemodel',
        'Iteration 0, Testing net (#0)',
        '    Test net output #0: accuracy = 0.105469',
        '    Test net output #1: loss = 61.6223 (* 1 = 61.6223 loss)',
        'Iteration 0 (-1.99685e-41 iter/s, 0.008s/1 iters), loss = 2.31433',
        '    Train net output #0: loss = 2.4341 (* 0.5 = 1.21705 loss)',
        'Iteration 0, lr = 0.02',
        'Snapshotting to binary proto file s/a_iter_20.caffemodel',
        'Iteration 40, loss = 1.29691',
      ),
    );
    expect(log.weights).toEqual(['init.caffemodel']);
    expect(log.snapshots).toEqual(['s/a_iter_20.caffemodel']);
    expect(log.test).toEqual([
      {
        iteration: 0,
        net: 0,
        outputs: [
          { index: 0, name: 'accuracy', value: 0.105469 },
          { index: 1, name: 'loss', value: 61.6223, lossWeight: 1 },
        ],
      },
    ]);
    expect(log.train).toEqual([
      {
        iteration: 0,
        loss: 2.31433,
        rate: 0.02,
        outputs: [{ index: 0, name: 'loss', value: 2.4341, lossWeight: 0.5 }],
      },
      { iteration: 40, loss: 1.29691, outputs: [] },
    ]);
  });

  it("reads caffe-jacinto's lines with epochs, momentum and mAP, and C's nan and inf", () => {
    const log = parseTrainingLog(
      linesOf(
        'Resuming from a_iter_20.solverstate',
        'Iteration 100 (12.5 iter/s, 8s/100 iter), 0.1/81.9ep, loss = nan',
        'Iteration 100, lr = 0.0998438, m = 0.9, wd = 0.0001, gs = 1',
        'Iteration 1 (0.02 s), loss = -inf',
        'Iteration 2000, Testing net (#1)',
        '    Test net output mAP #0: detection_eval = 0.599',
      ),
    );
    expect(log.resumedFrom).toBe('a_iter_20.solverstate');
    expect(log.train[0]).toEqual({ iteration: 100, loss: Number.NaN, rate: 0.0998438, outputs: [] });
    expect(log.train[1]!.loss).toBe(Number.NEGATIVE_INFINITY);
    expect(log.test[0]).toEqual({
      iteration: 2000,
      net: 1,
      outputs: [{ index: 0, name: 'detection_eval', value: 0.599 }],
    });
  });

  it('gives empty lists for a foreign text', () => {
    expect(parseTrainingLog('nothing\r\nof the kind')).toEqual({
      train: [],
      test: [],
      sparsity: [],
      weights: [],
      snapshots: [],
    });
  });

  const real = join(
    process.env.JACINTO_SHARED ?? join(import.meta.dirname, '../../../../shared'),
    'golden/files/solver_sgd/train.log',
  );
  it.skipIf(!existsSync(real))('reads a real log (skipped where the shared materials are absent)', () => {
    const log = parseTrainingLog(readFileSync(real, 'utf8'));
    expect(log.train.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 41 }, (_, i) => i));
    expect(log.test.map(({ iteration }) => iteration)).toEqual([0, 20, 40]);
    expect(log.test[2]!.outputs[0]).toEqual({ index: 0, name: 'accuracy', value: 0.671875 });
  });
});

describe('parseTestLog', () => {
  it('reads the means, not the batches', () => {
    const summary = parseTestLog(
      linesOf(
        'Batch 7, accuracy = 0.5',
        'Batch 7, loss = 2',
        'Loss: 1.28383',
        'accuracy = 0.667969',
        'loss = 1.28383 (* 1 = 1.28383 loss)',
      ),
    );
    expect(summary).toEqual({
      loss: 1.28383,
      outputs: [
        { name: 'accuracy', value: 0.667969 },
        { name: 'loss', value: 1.28383 },
      ],
    });
  });
});
