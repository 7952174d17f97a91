import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@jacinto/proto';
import { readBytes, readWeightsFile } from '@jacinto/proto/node';
import { describe, expect, it } from 'vitest';
import { logLines, runCli } from './testing/run-cli.ts';
import { copyGolden, goldenFiles, hasGoldenFiles, temporaryFolder } from './testing/shared-files.ts';
import { dummyNet, dummySolver, writeFiles } from './testing/toy-files.ts';

const root = temporaryFolder();

function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(root, 'run-'));
  writeFiles(folder, { 'net.prototxt': dummyNet, 'solver.prototxt': dummySolver, ...files });
  return folder;
}

const train = ['train', '--solver=solver.prototxt'];

describe('caffe train', () => {
  it('trains, logs with glog prefixes, snapshots', async () => {
    const cwd = folderWith();
    const { code, stdout, stderr } = await runCli([...train, '--gpu', '0'], { cwd });
    expect([code, stdout]).toEqual([0, '']);
    const lines = logLines(stderr);
    const order = ['Use CPU.', 'Starting Optimization', 'Solving dummy', 'Learning Rate Policy: fixed'];
    expect(lines.filter((line) => order.includes(line))).toEqual(order);
    expect(lines.filter((line) => /^Iteration \d+ \(/.test(line)).map((line) => line.split(' ')[1])).toEqual([
      '0',
      '1',
      '2',
      '5',
      '10',
      '15',
      '19',
    ]);
    expect(lines.at(-1)).toMatch(/^Optimization Done in 0m \d+s$/);
    expect(logLines(stderr, 'W')).toEqual(['GPU 0 was asked for, but no GPU backend is installed; using the CPU']);
    expect(readdirSync(cwd).filter((name) => name.startsWith('dummy'))).toEqual(
      [10, 20].flatMap((n) => [`dummy_iter_${n}.caffemodel`, `dummy_iter_${n}.solverstate`]),
    );
  });

  it('says what it upgraded in a net and a solver of an older form', async () => {
    const old = `name: "old" input: "data" input_dim: 2 input_dim: 3 input_dim: 4 input_dim: 4
      layers { name: "ip" type: INNER_PRODUCT bottom: "data" top: "ip" inner_product_param { num_output: 2 } }
      layers { name: "loss" type: EUCLIDEAN_LOSS bottom: "ip" bottom: "ip" top: "loss" }`;
    const solver = 'net: "old.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 1 solver_type: ADAM';
    const cwd = folderWith({ 'old.prototxt': old, 'solver.prototxt': `${solver} snapshot_after_train: false` });
    const { code, stderr } = await runCli(train, { cwd });
    expect(code).toBe(0);
    expect(logLines(stderr).filter((line) => line.startsWith('Upgraded'))).toEqual([
      'Upgraded solver.prototxt: solver_type became type: "Adam"',
      'Upgraded old.prototxt: V1 layers became V2 layers',
      'Upgraded old.prototxt: the input fields became an Input layer',
    ]);
  });

  it('--quiet prints a summary only', async () => {
    const { code, stdout, stderr } = await runCli([...train, '--quiet'], { cwd: folderWith() });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^20 iterations in 0m \d+s, loss [\d.e-]+, snapshot dummy_iter_20.solverstate\n$/);
  });

  it('a snapshot without a prefix gets the name of the solver', async () => {
    const cwd = folderWith({ 'solver.prototxt': dummySolver.replace(/snapshot: .*\n/, '\n') });
    expect((await runCli(train, { cwd })).code).toBe(0);
    expect(existsSync(join(cwd, 'solver_iter_20.caffemodel'))).toBe(true);
  });

  it('a plug-in brings a layer', async () => {
    const layer = new URL('../../net/dist/index.js', import.meta.url).href;
    const cwd = folderWith({
      'net.prototxt': dummyNet.replace('type: "ReLU"', 'type: "Twice"'),
      'twice.mjs': `import { Layer } from '${layer}';
export default class Twice extends Layer {
  static type = 'Twice';
  reshape() {}
  forward([x]) { const v = x.data.hostUpdate(); for (let i = 0; i < v.length; i++) v[i] *= 2; }
  backward([top], [down]) { if (down) { const v = top.diff.hostUpdate(); for (let i = 0; i < v.length; i++) v[i] *= 2; } }
}`,
    });
    const { code, stderr } = await runCli([...train, '--plugin', './twice.mjs'], { cwd });
    expect(code, stderr).toBe(0);
  });

  it('SIGINT stops after the iteration, with a snapshot, exit code 0', async () => {
    const cwd = folderWith({ 'solver.prototxt': dummySolver.replace('max_iter: 20', 'max_iter: 1000000') });
    let sent = false;
    const { code, stderr } = await runCli(train, {
      cwd,
      onStderr: (text, child) => {
        if (sent || !text.includes('Iteration 15 ')) return;
        sent = true;
        child.kill('SIGINT');
      },
    });
    expect(code).toBe(0);
    const lines = logLines(stderr);
    expect(lines).toContain('Optimization stopped early.');
    const [state] = lines.filter((line) => line.startsWith('Snapshotting solver state')).slice(-1);
    const file = state!.split(' ').at(-1)!;
    expect(decode('SolverState', readBytes(join(cwd, file))).iter).toBeGreaterThanOrEqual(15);
    expect(readWeightsFile(join(cwd, file.replace('solverstate', 'caffemodel'))).layer.length).toBeGreaterThan(4);
  });

  it('SIGHUP makes a snapshot and goes on; the effects can be swapped', async () => {
    const text = dummySolver.replace('max_iter: 20', 'max_iter: 1000000').replace('snapshot: 10', 'snapshot: 0');
    const cwd = folderWith({ 'solver.prototxt': text });
    let step = 0;
    const { code } = await runCli([...train, '--sigint_effect=snapshot', '--sighup_effect=stop'], {
      cwd,
      onStderr: (log, child) => {
        if (step === 0 && log.includes('Iteration 15 ')) step = child.kill('SIGINT') ? 1 : 0;
        if (step === 1 && log.includes('Snapshotting solver state')) step = child.kill('SIGHUP') ? 2 : 1;
      },
    });
    expect([code, step]).toEqual([0, 2]);
    // one by the first signal, and one after training unless that is the same iteration
    expect(readdirSync(cwd).filter((name) => name.endsWith('.solverstate')).length).toBeGreaterThanOrEqual(1);
  });
});

describe('caffe train, interrupted or finetuning', () => {
  it('a second SIGINT quits at once', async () => {
    const layer = new URL('../../net/dist/index.js', import.meta.url).href;
    const cwd = folderWith({
      'net.prototxt': dummyNet.replace('type: "ReLU"', 'type: "Slow"'),
      'slow.mjs': `import { Layer } from '${layer}';
export default class Slow extends Layer {
  static type = 'Slow';
  reshape() {}
  forward() { return new Promise((done) => setTimeout(done, 20000)); }
  backward() {}
}`,
    });
    let sent = 0;
    const { code } = await runCli([...train, '--plugin=./slow.mjs'], {
      cwd,
      onStderr: (text, child) => {
        if (sent > 0 || !text.includes('Solving')) return;
        sent = 1;
        child.kill('SIGINT');
        setTimeout(() => child.kill('SIGINT'), 200);
      },
    });
    expect(code).toBe(130);
  });

  it('weights of another shape are refused, or passed over with a warning by ignore_shape_mismatch: true', async () => {
    const cwd = folderWith();
    expect((await runCli(train, { cwd })).code).toBe(0);
    const strict = dummySolver.replace('"net', '"wide').replace('dummy', 'wide');
    writeFiles(cwd, {
      'wide.prototxt': dummyNet.replace('num_output: 5', 'num_output: 6'),
      'strict-solver.prototxt': strict,
      'wide-solver.prototxt': `${strict} ignore_shape_mismatch: true`,
    });
    const finetune = (solver: string) =>
      runCli(['train', `--solver=${solver}`, '--weights=dummy_iter_20.caffemodel'], { cwd });
    const passed = await finetune('wide-solver.prototxt');
    expect(passed.code, passed.stderr).toBe(0);
    expect(logLines(passed.stderr)).toContain('Finetuning from dummy_iter_20.caffemodel');
    expect(logLines(passed.stderr, 'W').join('\n')).toContain('5 × 64');
    const refused = await finetune('strict-solver.prototxt');
    expect(refused.code).toBe(1);
    expect(logLines(refused.stderr, 'E')).toEqual([
      expect.stringMatching(/layer "ip" \(InnerProduct\): blob 0 .*5 × 64/),
    ]);
  });
});

describe.skipIf(!hasGoldenFiles)('caffe train as real Caffe (skipped where ../shared/golden/files is absent)', () => {
  const loggedLosses = (text: string) =>
    [...text.matchAll(/Iteration (\d+) \(.*loss = (\S+)/g)].map(([, iter, loss]) => [Number(iter), Number(loss)]);

  it('follows the logged losses, and resumes exactly', async () => {
    const cwd = mkdtempSync(join(root, 'golden-'));
    copyGolden(cwd);
    const args = ['train', '--solver=solver_sgd/solver.prototxt'];
    const whole = await runCli([...args, '--weights=init.caffemodel'], { cwd });
    expect(whole.code, whole.stderr).toBe(0);
    const expected = loggedLosses(readFileSync(join(goldenFiles, 'solver_sgd/train.log'), 'utf8'));
    const losses = loggedLosses(whole.stderr);
    expect(losses.map(([iter]) => iter)).toEqual(expected.map(([iter]) => iter));
    losses.forEach(([, loss], i) => {
      expect(loss! / expected[i]![1]!).toBeCloseTo(1, 3);
    });

    const final = join(cwd, 'solver_sgd/sgd_iter_40.caffemodel');
    const weights = readFileSync(final);
    const resumed = await runCli([...args, '--snapshot=solver_sgd/sgd_iter_20.solverstate'], { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(loggedLosses(resumed.stderr)).toEqual(losses.slice(20));
    expect(readFileSync(final).equals(weights)).toBe(true);
    const tests = (text: string) => logLines(text).filter((line) => line.includes('Test net output'));
    expect(tests(resumed.stderr)).toEqual(tests(whole.stderr).slice(2));
  });

  it('goes on from a snapshot of real Caffe', async () => {
    const cwd = mkdtempSync(join(root, 'golden-'));
    copyGolden(cwd);
    const args = ['train', '--solver=solver_sgd/resume.prototxt', '--snapshot=solver_sgd/sgd_iter_20.solverstate'];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, stderr).toBe(0);
    const expected = loggedLosses(readFileSync(join(goldenFiles, 'solver_sgd/resume.log'), 'utf8'));
    loggedLosses(stderr).forEach(([iter, loss], i) => {
      expect(iter).toBe(expected[i]![0]);
      expect(loss! / expected[i]![1]!).toBeCloseTo(1, 3);
    });
  });
});
