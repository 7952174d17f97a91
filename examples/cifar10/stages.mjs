import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readNetFile, readSolverFile, readWeightsFile } from '@jacinto/proto/node';
import {
  deployNet,
  embeddedStages,
  findings,
  measureStages,
  predict,
  reportPage,
  rescaled,
  resultsTable,
  runStages,
  StageStopped,
} from '@jacinto/stages';

// The published stages one after the other, each by the real command. Run again, it goes on where it stopped.

const usage = `usage: node examples/cifar10/stages.mjs [--iterations N] [--l1reg-iterations N] [--data FOLDER] [--out FOLDER]
                                          [--backend NAME]

  initial -> l1reg -> sparse -> test -> test with 8 bits -> batch norms merged -> test of that -> report.html

  --iterations    of each training; default 64000, as published. Fewer: all schedules are shortened alike.
  --l1reg-iterations  of that stage alone, the one that changes least; default --iterations
  --data          folder with train_lmdb and test_lmdb (prepare.mjs makes it); default out/cifar10
  --out           default FOLDER of --data, with stages-N after it
  --test-batches  of 50 pictures; default 200: all
  --backend       of the caffe command; default its own
`;
const published = { initial: 0.915, l1reg: 0.9082, sparse: 0.9032, test: 0.9094, quantized: 0.9065 };
const publishedIterations = 64000;
const liftedCaps = { sparsityThresholdMaxratio: 0.6, sparsityThresholdValueMax: 0.6 };
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const shape = [3, 32, 32];
const options = optionsOf();
const { out, testBatches } = options;

try {
  mkdirSync(out, { recursive: true });
  writeNets();
  const stages = stagesFor();
  await runStages(stages, {
    folder: out,
    more: options.backend === undefined ? [] : [`--backend=${options.backend}`],
    onStage: ({ name }, command) =>
      process.stdout.write(command ? `\n${name}: ${command}\n` : `${name}: done already\n`),
    onLine: (_, line) => process.stderr.write(`${line}\n`),
  });
  await report(stages);
} catch (error) {
  fail(`${error.message}${error instanceof StageStopped ? '; run this again to go on' : ''}\n`);
}

function optionsOf() {
  const text = { type: 'string' };
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        iterations: text,
        'l1reg-iterations': text,
        data: text,
        out: text,
        'test-batches': text,
        backend: text,
        help: { type: 'boolean' },
      },
    }));
  } catch {
    fail(usage);
  }
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  const count = (name, fallback) => {
    const value = Number(values[name] ?? fallback);
    if (!Number.isInteger(value) || value < 1) fail(`--${name} is ${values[name]}; use a whole number from 1 on\n`);
    return value;
  };
  const n = count('iterations', publishedIterations);
  const data = resolve(values.data ?? join(root, 'out', 'cifar10'));
  for (const database of ['train_lmdb', 'test_lmdb']) {
    if (!existsSync(join(data, database))) fail(`${join(data, database)} is not there; make it with prepare.mjs\n`);
  }
  return {
    ...{
      iterations: n,
      l1regIterations: count('l1reg-iterations', n),
      data,
      out: resolve(values.out ?? join(data, `stages-${n}`)),
    },
    ...{ testBatches: count('test-batches', 200), backend: values.backend },
  };
}

/** The nets with the databases' places; the quantized one says so in its first line. */
function writeNets() {
  for (const name of ['train', 'test']) {
    const text = readFileSync(join(here, `${name}.prototxt`), 'utf8');
    const net = text.replace(/out\/cifar10\//, `${options.data.replaceAll('\\', '/')}/`);
    writeFileSync(join(out, `${name}.prototxt`), net);
    if (name === 'test') writeFileSync(join(out, 'test_quantize.prototxt'), `quantize: true\n${net}`);
  }
}

function stagesFor() {
  const solverOf = (name, iterations) => {
    const solver = readSolverFile(join(here, name));
    Object.assign(solver, { trainNet: 'train.prototxt', testNet: ['test.prototxt'], testIter: [testBatches] });
    return rescaled(Object.assign(solver, { testInterval: 4000, snapshot: 2000 }), iterations);
  };
  const sparse = solverOf('solver_sparse.prototxt', options.iterations);
  // After a short training few weights are near zero, and the caps of the search end it long before the target: 0.59
  // of 0.8 after 6,400 iterations.
  if (options.iterations < publishedIterations) Object.assign(sparse, liftedCaps);
  return embeddedStages({
    solvers: {
      initial: solverOf('solver.prototxt', options.iterations),
      l1reg: solverOf('solver_l1reg.prototxt', options.l1regIterations),
      sparse,
    },
    ...{ testNet: 'test.prototxt', quantizedNet: 'test_quantize.prototxt', testBatches, published },
  });
}

/** Prints the table, the published numbers beside ours, and writes report.html. */
async function report(stages) {
  const results = await measureStages(stages, { folder: out, accuracy: 'accuracy/top1', shape });
  const length = `${options.iterations} iterations a training (l1reg ${options.l1regIterations})`;
  const file = join(out, 'report.html');
  const page = await reportPage({
    title: 'CIFAR-10 with JacintoNet11, made small',
    about: `The stages of caffe-jacinto-models with ${length}; published are those of 64000. The published sparse net has 80 % zeros.`,
    ...{ results, pictures: await shownPictures() },
  });
  writeFileSync(file, page);
  process.stdout.write(`\n${length}; published: 64000, 80 % zeros\n\n${resultsTable(results)}\n`);
  for (const line of findings(results)) process.stdout.write(`- ${line}\n`);
  process.stdout.write(`\nReport: ${pathToFileURL(file).href} (${relative(process.cwd(), file)})\n`);
}

/** Test pictures with answers, where prepare.mjs left them. */
async function shownPictures() {
  const [list, names] = ['test.txt', 'labels.txt'].map((name) => join(options.data, name));
  if (!existsSync(list) || !existsSync(names)) return [];
  const labels = readFileSync(names, 'utf8').trim().split('\n');
  const chosen = readFileSync(list, 'utf8').trim().split('\n').slice(0, 40);
  const pictures = chosen.map((line) => {
    const [, name, label] = /^(.*) (\d+)$/.exec(line);
    return { file: join(options.data, 'test', name), label: labels[label] };
  });
  if (!pictures.every(({ file }) => existsSync(file))) return [];
  const net = deployNet(readNetFile(join(out, 'merged.prototxt')), shape);
  const answers = await predict(
    net,
    readWeightsFile(join(out, 'merged.caffemodel')),
    pictures.map(({ file }) => file),
  );
  return answers.map(({ label, probability }, i) => ({ ...pictures[i], answer: labels[label], probability }));
}

function fail(words) {
  process.stderr.write(words);
  process.exit(1);
}
