import { readFileSync } from 'node:fs';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { dataLayers } from '@jacinto/data';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry } from '@jacinto/net';
import { blobValues, create, readNet, readWeights } from '@jacinto/proto';
import { readSolverFile } from '@jacinto/proto/node';
import { Solver } from '@jacinto/solvers-mixed';
import { describe, expect, it } from 'vitest';
import { type SparsityEvent, sparsityLog } from './events.ts';
import { sparsityPlugin } from './index.ts';
import { golden, goldenFiles, hasGolden, withoutPrefix } from './testing/shared.ts';

const cpu = await createCpuBackend({ threads: 1 });
const folder = `${golden}/sparse_train`;

/** Trains as the recorded run did; gives log lines of the plug-in, and the solver. */
async function train(run: string, iterations: number, from = 'init.caffemodel', backend: Backend = cpu) {
  const param = readSolverFile(`${folder}/${run}_solver.prototxt`);
  const net = readFileSync(`${folder}/net.prototxt`, 'utf8').replaceAll(
    'cifar256_lmdb',
    `${goldenFiles}/cifar256_lmdb`,
  );
  Object.assign(param, {
    netParam: readNet(net),
    snapshotAfterTrain: false,
    snapshot: 0,
    testInterval: 0,
    testIter: [],
  });
  for (const field of ['net', 'snapshotPrefix']) Reflect.deleteProperty(param, field);
  param.trainState = create('NetState');
  const lines: string[] = [];
  const onEvent = (event: SparsityEvent): void => {
    for (const { severity, source, text } of sparsityLog(event)) lines.push(`${severity} ${source}] ${text}`.trimEnd());
  };
  const plain = Object.assign(create('SolverParameter'), param);
  for (const field of Object.keys(plain)) if (/spars/i.test(field)) Reflect.deleteProperty(plain, field);
  const plugin = sparsityPlugin(param, { compat: 'caffe-jacinto-0.17', onEvent })!;
  const solver = await Solver.create(plain, {
    ...{ backend, registry: new LayerRegistry(standardLayers, dataLayers), plugins: [plugin] },
    ...(from.endsWith('.solverstate')
      ? { snapshot: `${folder}/${from}` }
      : { weights: [readWeights(readFileSync(`${folder}/${from}`))] }),
  });
  await solver.step(iterations);
  await plugin.afterTraining(solver);
  return { solver, lines };
}

/** The recorded log's lines of sparsity. */
function recordedLines(run: string): string[] {
  const lines = readFileSync(`${folder}/${run}_train.log`, 'utf8').split('\n').map(withoutPrefix);
  return lines.filter((line) => /^[IW] (net\.cpp:2(6|7)\d\d|solver\.cpp:(391|421|981))\]/.test(line));
}

/** Figures that hang on the weights' last bits are left out; what remains must be equal. */
const withoutDigits = (line: string): string => line.replace(/(ZeroWeightsFraction|achieved)=[\d.e+-]+/, '$1=');

describe.skipIf(!hasGolden)('training beside caffe-jacinto 0.17 (skipped where ../shared is absent)', () => {
  it('sparse_short: log lines, masks and weights', { timeout: 120_000 }, async () => {
    // In double precision: on the CPU backend one ReLU, whose input is −5e-7, falls on the other side at iteration 3.
    const { solver, lines } = await train('sparse_short', 12, 'init.caffemodel', createReferenceBackend());
    expect(lines).toEqual(recordedLines('sparse_short'));
    const expected = readWeights(readFileSync(`${folder}/sparse_short_iter_12.caffemodel`));
    for (const layer of expected.layer.filter(({ type }) => type === 'Convolution' || type === 'InnerProduct')) {
      const own = solver.net.layer(layer.name!).layer.blobs;
      layer.blobs.forEach((blob, i) => {
        const values = blobValues(blob);
        const found = own[i]!.data.hostRead();
        let worst = 0;
        for (let j = 0; j < values.length; j++) {
          if ((values[j] === 0) !== (found[j] === 0)) worst = Infinity;
          worst = Math.max(worst, Math.abs(values[j]! - found[j]!));
        }
        expect(worst, `${layer.name} blob ${i}`).toBeLessThan(1e-5);
      });
    }
    await solver.dispose();
  });

  it('sparse: events and zero counts over 60 iterations', { timeout: 120_000 }, async () => {
    const { solver, lines } = await train('sparse', 60);
    expect(lines).toEqual(recordedLines('sparse'));
    await solver.dispose();
  });

  it('sparse_caps: events; counts hang on the weights there', { timeout: 120_000 }, async () => {
    const { solver, lines } = await train('sparse_caps', 60);
    const events = (all: readonly string[]) => all.filter((line) => !/_param_|Total/.test(line)).map(withoutDigits);
    expect(events(lines)).toEqual(events(recordedLines('sparse_caps')));
    await solver.dispose();
  });

  it('sparse_resume: from a snapshot of caffe-jacinto the factor starts again', { timeout: 120_000 }, async () => {
    const { solver, lines } = await train('sparse_resume', 30, 'sparse_caps_iter_30.solverstate');
    const events = (all: readonly string[]) => all.filter((line) => !/_param_|Total/.test(line)).map(withoutDigits);
    expect(events(lines)).toEqual(events(recordedLines('sparse_resume')));
    const first = (all: readonly string[]) => all.filter((line) => line.includes('Total')).slice(0, 2);
    expect(first(lines)).toEqual(first(recordedLines('sparse_resume')));
    await solver.dispose();
  });

  it('freeze: all zeros stay', { timeout: 120_000 }, async () => {
    const { solver, lines } = await train('freeze', 30, 'sparse_iter_60.caffemodel');
    expect(lines).toEqual(recordedLines('freeze'));
    await solver.dispose();
  });
});
