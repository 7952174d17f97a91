import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { type BlobProto, blobValues, decode } from '@jacinto/proto';
import { readBytes, readSolverFile, readWeightsFile } from '@jacinto/proto/node';
import { type OutputValue, Solver, type SolverEvent } from '@jacinto/solvers-mixed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistry } from './registry.ts';
import { goldenFiles, hasGoldenFiles, temporaryFolder } from './testing/shared-files.ts';

// Runs of real Caffe over 40 iterations, and one resumed at 20: losses, tests, weights and history.
const runs = hasGoldenFiles
  ? readdirSync(goldenFiles)
      .filter((name) => name.startsWith('solver_'))
      .map((folder) => ({ folder, solver: 'solver', log: 'train', from: undefined as string | undefined }))
      .concat(
        ['solver_sgd/sgd_iter_20.solverstate', 'solver_sgd_hdf5/sgd_hdf5_iter_20.solverstate.h5'].map((from) => {
          return { folder: 'solver_sgd', solver: 'resume', log: 'resume', from };
        }),
      )
  : [];

describe.skipIf(!hasGoldenFiles)('training as real Caffe (skipped where ../shared/golden/files is absent)', () => {
  const output = hasGoldenFiles ? temporaryFolder() : '';
  let backend: Backend;
  beforeAll(async () => {
    backend = await createCpuBackend({ threads: 1 });
  });
  afterAll(() => backend.dispose());

  it.each(runs)('$folder/$solver', async ({ folder, solver: name, log, from }) => {
    const param = readSolverFile(join(goldenFiles, folder, `${name}.prototxt`));
    const prefix = param.snapshotPrefix!;
    param.snapshotPrefix = join(output, `${folder}_${name}`);
    const events: SolverEvent[] = [];
    const solver = await Solver.create(param, {
      ...{ backend, registry: createRegistry(), baseFolder: goldenFiles, compat: 'bvlc' },
      weights: from === undefined ? ['init.caffemodel'] : [],
      snapshot: from,
      onEvent: (event) => events.push(event),
    });
    const learns = solver.net.learnableParams.map(({ lrMult }) => lrMult !== 0);
    await solver.solve();
    await solver.dispose();

    const logged = readLog(join(goldenFiles, folder, `${log}.log`));
    const losses = events.flatMap((event) => (event.type === 'iteration' ? [[event.iter, event.smoothedLoss]] : []));
    expect(losses.map(([iter]) => iter)).toEqual(logged.losses.map(([iter]) => iter));
    losses.forEach(([, loss], i) => {
      expect(loss! / logged.losses[i]![1]).toBeCloseTo(1, 5);
    });
    const outputs = events.flatMap((event): readonly OutputValue[] => (event.type === 'tested' ? event.outputs : []));
    expect(outputs.map(({ blob }) => blob)).toEqual(logged.tests.map(([blob]) => blob));
    outputs.forEach(({ value }, i) => {
      expect(value / logged.tests[i]![1]).toBeCloseTo(1, 4);
    });
    for (const iter of [20, 40]) {
      const theirs = join(goldenFiles, `${prefix}_iter_${iter}`);
      if (!existsSync(`${theirs}.caffemodel`)) continue;
      const ours = `${param.snapshotPrefix}_iter_${iter}`;
      compareWeights(`${ours}.caffemodel`, `${theirs}.caffemodel`);
      compareStates(`${ours}.solverstate`, `${theirs}.solverstate`, {
        iter,
        learns,
        bound: historyBound(folder, iter),
      });
    }
  });
});

/** Largest difference of two blobs relative to the largest value of the second. */
function difference(ours: BlobProto, theirs: BlobProto): number {
  const [a, b] = [blobValues(ours), blobValues(theirs)];
  expect(a.length).toBe(b.length);
  let [largest, worst] = [0, 0];
  b.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    worst = Math.max(worst, Math.abs(value - a[i]!));
  });
  return largest === 0 ? worst : worst / largest;
}

function compareWeights(ours: string, theirs: string): void {
  const layers = new Map(readWeightsFile(ours).layer.map((layer) => [layer.name, layer]));
  for (const { name, blobs } of readWeightsFile(theirs).layer) {
    blobs.forEach((blob, i) => {
      expect(difference(layers.get(name)!.blobs[i]!, blob), `${ours} ${name} ${i}`).toBeLessThan(1e-4);
    });
  }
}

/**
 * A max-pool or ReLU tie decided the other way shows after 20 iterations in two runs, as between OpenBLAS kernels (the
 * plain reference backend, which sums in another order, decides sgd_poly's as the log does: 4e-7).
 */
function historyBound(folder: string, iter: number): number {
  return iter === 40 && ['solver_sgd_poly', 'solver_rmsprop'].includes(folder) ? 1e-3 : 1e-4;
}

/** BatchNorm's statistics do not learn: BVLC lets weight decay into their history, caffe-jacinto 0.17 does not. */
function compareStates(
  ours: string,
  theirs: string,
  { iter, learns, bound }: { iter: number; learns: readonly boolean[]; bound: number },
): void {
  const read = (file: string) => decode('SolverState', readBytes(file));
  const [a, b] = [read(ours), read(theirs)];
  expect([a.iter, a.currentStep, a.history.length]).toEqual([iter, b.currentStep, b.history.length]);
  b.history.forEach((blob, i) => {
    if (!learns[i % learns.length]) return;
    expect(difference(a.history[i]!, blob), `${ours} history ${i}`).toBeLessThan(bound);
  });
}

function readLog(file: string): { losses: [number, number][]; tests: [string, number][] } {
  const losses: [number, number][] = [];
  const tests: [string, number][] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const loss = /Iteration (\d+) \(.*loss = (\S+)/.exec(line);
    if (loss !== null) losses.push([Number(loss[1]), Number(loss[2])]);
    const test = /Test net output #\d+: (\S+) = (\S+)/.exec(line);
    if (test !== null) tests.push([test[1]!, Number(test[2])]);
  }
  return { losses, tests };
}
