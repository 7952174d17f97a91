import { readSolverFile } from '@jacinto/proto/node';
import { embeddedStages, rescaled } from '@jacinto/stages';
import { net, quantizedNet, solvers } from './prepare-folder.mjs';

/** Every stage of the example: databases, then the recipe for embedded devices. */
export function stagesFor({ testImages, iterations }) {
  const testBatches = Math.ceil(testImages / 50);
  const solverOf = (name) => {
    const solver = readSolverFile(solvers[name]);
    const first = readSolverFile(solvers.initial).maxIter;
    solver.net = net;
    solver.testIter = [testBatches];
    return iterations === undefined
      ? solver
      : rescaled(solver, Math.max(1, Math.round((solver.maxIter * iterations) / first)));
  };
  const names = Object.keys(solvers);
  return [
    convert('train', ['--shuffle'], 'The drawn pictures, shuffled, become the database that the training reads.'),
    convert('test', [], 'The same for the pictures that are kept for testing.'),
    ...embeddedStages({
      solvers: Object.fromEntries(names.map((name) => [name, solverOf(name)])),
      ...{ testNet: net, quantizedNet, testBatches },
    }),
  ];
}

function convert(part, flags, about) {
  return {
    ...{ name: `convert_${part}`, title: `Pictures to ${part === 'train' ? 'train on' : 'test with'}`, about },
    ...{ package: '@jacinto/caffe-tools', command: 'convert_imageset' },
    args: [...flags, `images/${part}/`, `${part}.txt`, `${part}_lmdb`],
    writes: `${part}_lmdb`,
  };
}
