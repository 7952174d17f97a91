import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRegistry } from '@jacinto/caffe';
import type { Backend } from '@jacinto/core-tensor';
import { seededRandom } from '@jacinto/core-tensor/testing';
import { create, type NetParameter, parseText } from '@jacinto/proto';
import { readNetFile } from '@jacinto/proto/node';
import { Solver } from '@jacinto/solvers-mixed';

const train = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'examples', 'cifar10', 'train.prototxt');

/** JacintoNet11 of the CIFAR-10 example with inputs in place of its database. */
export function trainingNet(batch: number): NetParameter {
  const net = readNetFile(train);
  const input = parseText(
    'NetParameter',
    `layer { name: "data" type: "Input" top: "data" top: "label"
       input_param { shape { dim: ${batch} dim: 3 dim: 32 dim: 32 } shape { dim: ${batch} } } }`,
  );
  net.layer = [...input.layer, ...net.layer.filter(({ type }) => type !== 'Data')];
  return net;
}

/** Solver of the recipe over that net, with one batch of random pictures and labels in its inputs. */
export async function trainingSolver(backend: Backend, batch: number): Promise<Solver> {
  const param = create('SolverParameter', {
    ...{ netParam: trainingNet(batch), baseLr: 0.01, lrPolicy: 'fixed', momentum: 0.9, weightDecay: 1e-4 },
    ...{ maxIter: 1_000_000, randomSeed: 33, type: 'SGD', snapshotAfterTrain: false },
  });
  const solver = await Solver.create(param, { backend, registry: createRegistry() });
  const random = seededRandom(5);
  const pixels = solver.net.blob('data').data.hostWrite();
  for (let i = 0; i < pixels.length; i++) pixels[i] = random.integer(256);
  const labels = solver.net.blob('label').data.hostWrite();
  for (let i = 0; i < labels.length; i++) labels[i] = random.integer(10);
  return solver;
}
