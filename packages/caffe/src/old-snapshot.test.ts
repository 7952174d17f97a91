import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createCpuBackend } from '@jacinto/core-tensor';
import { blobValues, create, decode, readSolver } from '@jacinto/proto';
import { readBytes, readNetFile } from '@jacinto/proto/node';
import { Solver, type SolverEvent } from '@jacinto/solvers-mixed';
import { expect, it } from 'vitest';
import { createRegistry } from './registry.ts';
import { sharedFolder } from './testing/shared-files.ts';

const folder = join(sharedFolder, 'models/cifar10_quick_v1');

// Caffe's own cifar10_quick snapshot of 2014: V1 layers, legacy shapes, weights under another name than learned_net
it.skipIf(!existsSync(folder))('a snapshot of 2014 goes on (skipped where ../shared/models is absent)', async () => {
  const net = readNetFile(join(folder, 'train_test.prototxt'));
  net.layer = net.layer.filter(({ type }) => type !== 'Data');
  const filler = { type: 'uniform', max: 9 };
  const shape = [{ dim: [10, 3, 32, 32] }, { dim: [10] }];
  net.layer.unshift(
    create('LayerParameter', {
      ...{ name: 'dummy', type: 'DummyData', top: ['data', 'label'] },
      dummyDataParam: { shape, dataFiller: [filler, { type: 'constant', value: 3 }] },
    }),
  );
  const solverParam = readSolver('base_lr: 0.0001 momentum: 0.9 weight_decay: 0.004 lr_policy: "fixed" random_seed: 1');
  solverParam.netParam = net;
  const backend = await createCpuBackend({ threads: 1 });
  const events: SolverEvent[] = [];
  const snapshot = join(folder, 'iter_4000.solverstate');
  const solver = await Solver.create(solverParam, {
    ...{ backend, registry: createRegistry(), snapshot, onEvent: (event: SolverEvent) => void events.push(event) },
  });
  expect(solver.iter).toBe(4000);
  expect(events.filter(({ type }) => type === 'restored')).toMatchObject([{ iter: 4000, exact: false }]);
  const before = [...solver.net.learnableParams[0]!.tensor.data.hostRead()];
  const history = [...blobValues(decode('SolverState', readBytes(snapshot)).history[0]!)];
  // a rate of 0 leaves the momentum: the step is the history that was restored, times 0.9
  solverParam.baseLr = 0;
  await solver.step(1);
  expect(solver.iter).toBe(4001);
  [...solver.net.learnableParams[0]!.tensor.data.hostRead()].forEach((value, i) => {
    expect(value).toBeCloseTo(before[i]! - Math.fround(0.9) * history[i]!, 6);
  });
  await solver.dispose();
  await backend.dispose();
});
