import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { logLines, runCli } from './testing/run-cli.ts';
import { copyGolden, hasGoldenFiles, temporaryFolder } from './testing/shared-files.ts';
import { dummyNet, dummySolver, writeFiles } from './testing/toy-files.ts';

const root = temporaryFolder();

/** A folder with the dummy net and solver, some files replaced. */
function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(root, 'case-'));
  writeFiles(folder, { 'net.prototxt': dummyNet, 'solver.prototxt': dummySolver, ...files });
  return folder;
}

/** The one line that a failing command prints as its error. */
async function errorOf(cwd: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await runCli(args, { cwd });
  expect(code).toBe(1);
  const errors = logLines(stderr, 'E');
  expect(errors).toHaveLength(1);
  expect(stderr.trimEnd().endsWith(errors[0]!), 'the error is the last line').toBe(true);
  expect(stderr).not.toMatch(/^\s+at /m);
  return errors[0]!;
}

const trainDummy = ['train', '--solver=solver.prototxt'];

describe('faulty input ends with one line and exit code 1', () => {
  it.each([
    [
      'an unknown field',
      dummyNet.replace('num_output: 4', 'num_outptu: 4'),
      /^net.prototxt:6:23: layer "conv" .*num_outptu.*did you mean "num_output"/,
    ],
    [
      'an unknown layer type',
      dummyNet.replace('"ReLU"', '"RelU"'),
      /^net.prototxt:7: layer "relu" \(RelU\): type "RelU" is not known; did you mean "ReLU"\?/,
    ],
    [
      'a bottom nobody makes',
      dummyNet.replace('bottom: "conv" top: "ip"', 'bottom: "cnov" top: "ip"'),
      /^net.prototxt:8: layer "ip" \(InnerProduct\): bottom "cnov" is made by no/,
    ],
    [
      'a kernel larger than its input',
      dummyNet.replace('kernel_size: 3', 'kernel_size: 9'),
      /^net.prototxt:5: layer "conv" \(Convolution\): convolution_param.kernel_size is 9, larger than/,
    ],
    [
      'a label beyond the classes',
      dummyNet.replace('value: 2', 'value: 5'),
      /layer "loss" \(SoftmaxWithLoss\): .*label.*5/,
    ],
  ])('%s', async (_name, net, message) => {
    expect(await errorOf(folderWith({ 'net.prototxt': net }), ...trainDummy)).toMatch(message);
  });

  it.each([
    [
      'no net',
      dummySolver.replace('net: "net.prototxt"', ''),
      /^solver.prototxt: net is missing: the solver names no net to train; give exactly one of/,
    ],
    ['a net that is not there', dummySolver.replace('net.prototxt', 'nte.prototxt'), /^nte.prototxt: does not exist/],
    [
      'an unknown policy',
      dummySolver.replace('fixed', 'fixde'),
      /^solver.prototxt:2:15: lr_policy "fixde" is not known; did you mean "fixed"\?/,
    ],
    [
      'a snapshot folder that is not there',
      dummySolver.replace('"dummy"', '"no/dummy"'),
      /^snapshot_prefix is "no\/dummy", but the folder no does not exist; make it first: mkdir -p no/,
    ],
    [
      'AdaGrad with momentum',
      `${dummySolver} type: "AdaGrad"`,
      /^solver.prototxt:2:\d+: momentum is 0.9, but AdaGrad has no momentum/,
    ],
  ])('a solver with %s', async (_name, solver, message) => {
    expect(await errorOf(folderWith({ 'solver.prototxt': solver }), ...trainDummy)).toMatch(message);
  });

  it('wrong calls', async () => {
    const cwd = folderWith();
    expect(await errorOf(cwd, 'train')).toBe('need a solver definition to train; give --solver=FILE');
    expect(await errorOf(cwd, 'train', '--solver=x', '--snapshot=a', '--weights=b')).toBe(
      'give a snapshot to resume training or weights to finetune, but not both; drop --snapshot or --weights',
    );
    expect(await errorOf(cwd, 'test', '--model=net.prototxt')).toBe('need model weights to score; give --weights=FILE');
    expect(await errorOf(cwd, 'train', '--sovler=x')).toBe('flag "sovler" is not known; did you mean --solver?');
    expect(await errorOf(cwd, 'test_detection')).toBe('the action test_detection is not built yet');
  });

  it('weights that are truncated, of another shape, or no weights at all', async () => {
    const cwd = folderWith();
    expect((await runCli(trainDummy, { cwd })).code).toBe(0);
    const whole = readFileSync(join(cwd, 'dummy_iter_20.caffemodel'));
    writeFileSync(join(cwd, 'half.caffemodel'), whole.subarray(0, whole.length / 2));
    const score = (weights: string, model = 'net.prototxt') => ['test', `--model=${model}`, `--weights=${weights}`];
    expect(await errorOf(cwd, ...score('half.caffemodel'))).toMatch(/^half.caffemodel: .*(truncated|ends)/);
    expect(await errorOf(cwd, ...score('solver.prototxt'))).toMatch(/^solver.prototxt: /);
    expect(await errorOf(cwd, ...score('nothing.caffemodel'))).toMatch(/^nothing.caffemodel: does not exist/);
    writeFiles(cwd, { 'wide.prototxt': dummyNet.replace('num_output: 5', 'num_output: 6') });
    expect(await errorOf(cwd, ...score('dummy_iter_20.caffemodel', 'wide.prototxt'))).toMatch(
      /^dummy_iter_20.caffemodel: layer "ip" \(InnerProduct\): blob 0 has the shape 5 × 64, the net needs 6 × 64/,
    );
  });

  it('--debug shows where, a fault without it does not', async () => {
    const { stderr } = await runCli([...trainDummy, '--debug'], { cwd: folderWith({ 'net.prototxt': 'x' }) });
    expect(stderr).toMatch(/^\s+at .*\.js:\d+/m);
  });

  it('an unknown action lists those there are', async () => {
    const { code, stderr } = await runCli(['trian'], { cwd: root });
    expect(code).toBe(1);
    expect(logLines(stderr, 'E')).toEqual([
      'Available caffe actions:',
      ...['device_query', 'optimize', 'test', 'threshold', 'time', 'train'].map((name) => `\t${name}`),
      'Unknown action: trian; did you mean train?',
    ]);
  });

  it('no action: the usage, exit code 0', async () => {
    const { code, stdout, stderr } = await runCli([], { cwd: root });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^caffe: command line brew\nusage: caffe <command> <args>\n\ncommands:\n {2}train /);
  });
});

describe.skipIf(!hasGoldenFiles)('faulty data (skipped where ../shared/golden/files is absent)', () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(root, 'data-'));
    copyGolden(cwd);
  });
  const solver = 'solver_sgd/solver.prototxt';
  const variant = (name: string, from: string | RegExp, to: string): string => {
    const net = readFileSync(join(cwd, 'net.prototxt'), 'utf8').replaceAll(from, to);
    const text = readFileSync(join(cwd, solver), 'utf8').replace('net.prototxt', `${name}.prototxt`);
    writeFiles(cwd, { [`${name}.prototxt`]: net, [`${name}-solver.prototxt`]: text });
    return `--solver=${name}-solver.prototxt`;
  };

  it('a database that is not there', async () => {
    expect(await errorOf(cwd, 'train', variant('nodb', 'cifar256_lmdb', 'cifar257_lmdb'))).toMatch(
      /layer "data" \(Data\).*cifar257_lmdb|cifar257_lmdb.*layer "data" \(Data\)/,
    );
  });

  it('a database with a damaged page', async () => {
    const file = join(cwd, 'cifar256_lmdb/data.mdb');
    const whole = readFileSync(file);
    const damaged = Buffer.from(whole);
    for (let page = 2; page * 4096 < damaged.length; page += 7) damaged.fill(0xff, page * 4096, page * 4096 + 64);
    writeFileSync(file, damaged);
    try {
      expect(await errorOf(cwd, 'train', `--solver=${solver}`)).toMatch(/cifar256_lmdb.*page \d+/);
    } finally {
      writeFileSync(file, whole);
    }
  });

  it('a list line whose image is missing, or no image', async () => {
    const images = (name: string) =>
      variant(
        name,
        /type: "Data"/g,
        'type: "ImageData" image_data_param { source: "list.txt" batch_size: 1 new_height: 32 new_width: 32 }',
      );
    writeFiles(cwd, { 'list.txt': 'gone.jpg 1\n' });
    const solverFlag = images('images');
    expect(await errorOf(cwd, 'train', solverFlag)).toMatch(/gone\.jpg/);
    writeFiles(cwd, { 'list.txt': 'bad.jpg 1\n', 'bad.jpg': 'no picture' });
    expect(await errorOf(cwd, 'train', solverFlag)).toMatch(/bad\.jpg/);
  });
});
