import { spawn } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printText } from '@jacinto/proto';
import { readSolverFile } from '@jacinto/proto/node';

// The published stages one after the other, each by the real command. Run again, it goes on where it stopped.

const usage = `usage: node examples/cifar10/stages.mjs [--iterations N] [--l1reg-iterations N] [--data FOLDER] [--out FOLDER]
                                          [--backend NAME]

  initial -> l1reg -> sparse -> test -> test with 8 bits -> batch norms merged -> test of that

  --iterations    of each training; default 64000, as published. Fewer: all schedules are shortened alike.
  --l1reg-iterations  of that stage alone, the one that changes least; default --iterations
  --data          folder with train_lmdb and test_lmdb (prepare.mjs makes it); default out/cifar10
  --out           default FOLDER of --data, with stages-N after it
  --test-batches  of 50 pictures; default 200: all
  --backend       of the caffe command; default its own
`;
const published = { initial: 0.915, l1reg: 0.9082, sparse: 0.9032, test: 0.9094, quantized: 0.9065 };
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const options = optionsOf();
const { out, testBatches } = options;
const accuracy = {};

mkdirSync(out, { recursive: true });
writeNets();
let weights;
for (const [stage, solver, iterations] of [
  ['initial', 'solver.prototxt', options.iterations],
  ['l1reg', 'solver_l1reg.prototxt', options.l1regIterations],
  ['sparse', 'solver_sparse.prototxt', options.iterations],
]) {
  weights = await train(stage, solver, iterations, weights);
}
await test('test', 'test.prototxt', weights, ['--display_sparsity']);
await test('quantized', 'test_quantize.prototxt', weights, ['--output_model=quantized/saved']);
await optimize();
await test('merged', 'merged.prototxt', 'merged.caffemodel', []);
printTable();

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
  const n = count('iterations', 64000);
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

/** Trains a stage, from where it stopped where it did; gives the file of its weights. */
async function train(stage, solverFile, iterations, from) {
  const solver = readSolverFile(join(here, solverFile));
  const shorter = (value) => Math.max(1, Math.round((value * iterations) / 64000));
  Object.assign(solver, {
    trainNet: 'train.prototxt',
    testNet: ['test.prototxt'],
    snapshotPrefix: `${stage}/${stage}`,
  });
  Object.assign(solver, {
    maxIter: iterations,
    testIter: [testBatches],
    testInterval: shorter(4000),
    snapshot: shorter(2000),
  });
  if (solver.sparseMode !== 0) {
    solver.sparsityStartIter = shorter(4000);
    solver.sparsityStepIter = shorter(1000);
    solver.displaySparsity = shorter(1000);
  }
  mkdirSync(join(out, stage), { recursive: true });
  writeFileSync(join(out, stage, 'solver.prototxt'), printText('SolverParameter', solver));
  const done = `${stage}/${stage}_iter_${iterations}.caffemodel`;
  const states = readdirSync(join(out, stage)).flatMap((name) => /_iter_(\d+)\.solverstate$/.exec(name)?.[1] ?? []);
  const last = Math.max(0, ...states.map(Number));
  if (last < iterations || !existsSync(join(out, stage, 'run.log'))) {
    const start = last > 0 ? [`--snapshot=${stage}/${stage}_iter_${last}.solverstate`] : [];
    if (last === 0 && from !== undefined) start.push(`--weights=${from}`);
    await caffe(stage, ['train', `--solver=${stage}/solver.prototxt`, ...start]);
  } else process.stdout.write(`${stage}: done already\n`);
  accuracy[stage] = lastNumber(stage, /Test net output #\d+: accuracy\/top1 = (\S+)/g);
  return done;
}

async function test(stage, model, from, flags) {
  mkdirSync(join(out, stage), { recursive: true });
  if (existsSync(join(out, stage, 'run.log'))) process.stdout.write(`${stage}: done already\n`);
  else {
    await caffe(stage, ['test', `--model=${model}`, `--weights=${from}`, `--iterations=${testBatches}`, ...flags]);
  }
  accuracy[stage] = lastNumber(stage, /\] accuracy\/top1 = (\S+)/g);
}

async function optimize() {
  if (existsSync(join(out, 'merged.caffemodel')) && existsSync(join(out, 'optimize', 'run.log'))) return;
  mkdirSync(join(out, 'optimize'), { recursive: true });
  await caffe('optimize', ['optimize', '--model=test.prototxt', `--weights=${weights}`, '--output_model=merged']);
}

/** Runs caffe in the folder of results; its log goes to the terminal and, once it has ended well, to STAGE/run.log. */
function caffe(stage, args) {
  process.stdout.write(`\n${stage}: caffe ${args.join(' ')}\n`);
  const command = join(root, 'node_modules', '@jacinto', 'caffe', 'bin', 'caffe.js');
  const more = options.backend === undefined ? [] : [`--backend=${options.backend}`];
  const partial = join(out, stage, 'run.log.part');
  const log = createWriteStream(partial, { flags: 'a' });
  const child = spawn(process.execPath, [command, ...args, ...more], {
    cwd: out,
    stdio: ['inherit', 'inherit', 'pipe'],
  });
  child.stderr.on('data', (bytes) => {
    process.stderr.write(bytes);
    log.write(bytes);
  });
  const forward = () => {}; // Ctrl-C reaches the child too, which makes its snapshot first
  process.on('SIGINT', forward);
  return new Promise((done) => {
    child.on('close', (code) => {
      process.off('SIGINT', forward);
      log.end(() => {
        if (code !== 0) fail(`${stage} ended with exit code ${code}\n`);
        if (
          args[0] === 'train' &&
          readFileSync(partial, 'utf8').includes('Optimization stopped early.', lastStart(partial))
        )
          fail(`${stage} was stopped; run this again to go on\n`);
        renameSync(partial, join(out, stage, 'run.log'));
        done();
      });
    });
  });
}

/** Where the last run begins in a log that several have written. */
function lastStart(file) {
  return Math.max(0, readFileSync(file, 'utf8').lastIndexOf('This is Jacinto'));
}

function lastNumber(stage, pattern) {
  const all = [...readFileSync(join(out, stage, 'run.log'), 'utf8').matchAll(pattern)];
  return all.length === 0 ? undefined : Number(all.at(-1)[1]);
}

function printTable() {
  const log = readFileSync(join(out, 'test', 'run.log'), 'utf8');
  const zeros = /Total Sparsity .*?\) (\S+)/.exec(log)?.[1];
  const cell = (value) => (value === undefined ? '-' : value.toFixed(4)).padStart(10);
  const rows = Object.entries(accuracy).map(
    ([stage, own]) => `${stage.padEnd(10)}${cell(own)}${cell(published[stage])}\n`,
  );
  process.stdout.write(
    `\n${options.iterations} iterations (l1reg ${options.l1regIterations})\n${'accuracy'.padEnd(10)}${'here'.padStart(10)}${'published'.padStart(10)}\n`,
  );
  process.stdout.write(`${rows.join('')}zeros in convolutions: ${zeros}, published 0.80 (64000 iterations)\n`);
}

function fail(words) {
  process.stderr.write(words);
  process.exit(1);
}
