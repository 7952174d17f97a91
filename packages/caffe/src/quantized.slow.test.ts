import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, parseText } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { describe, expect, it } from 'vitest';
import { logLines, runCli } from './testing/run-cli.ts';
import { goldenFiles, sharedFolder, temporaryFolder } from './testing/shared-files.ts';
import { dummyNet, dummySolver, writeFiles } from './testing/toy-files.ts';

const root = temporaryFolder();
const recorded = join(sharedFolder, 'golden/jacinto/sparse_train');
const quantizedNet = `quantize: true net_quantization_param { display_quantization: 5 }\n${dummyNet}`;

const losses = (stderr: string) =>
  [...stderr.matchAll(/Iteration (\d+) .*loss = (\S+)/g)].map(([, i, loss]) => [i, loss]);

describe('quantize: true', () => {
  it('in training: logged in the words of the original, resumed exactly, saved with its scales', async () => {
    const cwd = mkdtempSync(join(root, 'train-'));
    writeFiles(cwd, { 'net.prototxt': quantizedNet, 'solver.prototxt': dummySolver });
    const whole = await runCli(['train', '--solver=solver.prototxt'], { cwd });
    expect(whole.code, whole.stderr).toBe(0);
    const lines = logLines(whole.stderr);
    expect(lines).toContain('Enabling quantization flag in quantization_param at infer/iter index: 1');
    expect(lines).toContain('Enabling quantization at output of: ReLU relu');
    expect(lines).toContain('Quantizing the net: dummy Train');
    expect(lines.filter((line) => /^ Q weights:1 Name:conv bitwidth:12 /.test(line)).length).toBe(4);
    const weights = readFileSync(join(cwd, 'dummy_iter_20.caffemodel'));
    const saved = readWeightsFile(join(cwd, 'dummy_iter_20.caffemodel')).layer.find(({ name }) => name === 'relu')!;
    expect(saved.quantizationParam!.qparamOut[0]!.scaleTarget).toBeGreaterThan(0);
    const args = ['train', '--solver=solver.prototxt', '--snapshot=dummy_iter_10.solverstate'];
    const resumed = await runCli(args, { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    // the first iterations of a run are shown as well, whatever `display` says
    expect(losses(resumed.stderr)).toEqual(expect.arrayContaining(losses(whole.stderr).slice(-3)));
    expect(readFileSync(join(cwd, 'dummy_iter_20.caffemodel')).equals(weights)).toBe(true);
  });

  it('in `caffe test`, saved by --output_model; a net that does not ask is left alone', async () => {
    const cwd = mkdtempSync(join(root, 'test-'));
    writeFiles(cwd, { 'net.prototxt': dummyNet, 'solver.prototxt': dummySolver, 'quantized.prototxt': quantizedNet });
    await runCli(['train', '--solver=solver.prototxt'], { cwd });
    const test = (model: string, ...more: string[]) =>
      runCli(['test', `--model=${model}`, '--weights=dummy_iter_20.caffemodel', '--iterations=6', ...more], { cwd });
    const quantized = await test('quantized.prototxt', '--output_model=eight.prototxt');
    expect(quantized.code, quantized.stderr).toBe(0);
    expect(logLines(quantized.stderr)).toContain('Quantizing the net: dummy Test');
    const saved = readNetFile(join(cwd, 'eight.prototxt'));
    expect(saved.name).toBe('dummy___QUANTIZED__SEE_END_OFTHE_FILE');
    expect(saved.layer.every((layer) => has(layer, 'quantizationParam') && layer.blobs.length === 0)).toBe(true);
    expect(readWeightsFile(join(cwd, 'eight.caffemodel')).layer.length).toBe(saved.layer.length);
    expect((await test('net.prototxt')).stderr).not.toMatch(/quantiz/i);
  });
});

describe.skipIf(!existsSync(recorded))('as caffe-jacinto 0.17 (skipped where ../shared is absent)', () => {
  it.each(['test', 'test_quantize', 'test_quantize_device'])('%s: what its `caffe test` logged', async (run) => {
    const cwd = mkdtempSync(join(root, 'golden-'));
    const model = run === 'test' ? 'net.prototxt' : `${run}.prototxt`;
    // the materials are read-only; the copies must not be
    for (const file of [model, 'sparse_iter_60.caffemodel']) cpSync(join(recorded, file), join(cwd, file), { mode: 0 });
    cpSync(join(goldenFiles, 'cifar256_lmdb'), join(cwd, 'cifar256_lmdb'), { recursive: true, mode: 0 });
    const log = readFileSync(join(recorded, `${run}.log`), 'utf8');
    const from = (text: string) => {
      const lines = logLines(text).filter((line) => !/prefetch/i.test(line));
      return lines.slice(lines.findIndex((line) => line.startsWith('Running for')));
    };
    const theirs = from(log);
    const iterations = /Running for (\d+)/.exec(log)![1];
    const args = ['test', `--model=${model}`, '--weights=sparse_iter_60.caffemodel', `--iterations=${iterations}`];
    // another backend sums in another order: a value on a rounding edge then goes the other way, and the loss with it
    args.push('--backend=cpu');
    const flags = ['--display_sparsity', '--compat=caffe-jacinto-0.17', '--output_model=saved.caffemodel'];
    const { code, stderr } = await runCli([...args, ...flags], { cwd });
    expect(code, stderr).toBe(0);
    const ours = from(stderr).filter((line) => !line.startsWith('Snapshotting'));
    const number = /-?\d+\.?\d*(e[-+]\d+)?/g;
    const words = (line: string) => line.replace(number, '#').trimEnd();
    expect(ours.map(words)).toEqual(theirs.map(words));
    for (const [i, line] of ours.entries()) {
      const [a, b] = [line, theirs[i]!].map((text) => [...text.matchAll(number)].map(([value]) => Number(value)));
      // values that another order of summation puts on the other side of a rounding edge move the loss a little
      for (const [k, value] of a!.entries())
        expect(Math.abs(value - b![k]!), line).toBeLessThanOrEqual(2e-4 * Math.max(1, Math.abs(b![k]!)));
    }
    if (run === 'test') return;
    const read = (path: string) => parseText('NetParameter', readFileSync(path, 'utf8'));
    const [saved, expected] = [read(join(cwd, 'saved.prototxt')), read(join(recorded, `${run}_out.prototxt`))];
    expect(saved.layer.map(({ name }) => name)).toEqual(expected.layer.map(({ name }) => name));
    for (const [i, { quantizationParam, name }] of expected.layer.entries()) {
      const own = saved.layer[i]!.quantizationParam!;
      for (const list of ['qparamIn', 'qparamW', 'qparamOut'] as const) {
        for (const [k, { scaleTarget, quantize }] of quantizationParam![list].entries()) {
          expect(own[list][k]!.quantize).toBe(quantize);
          const error = Object.is(own[list][k]!.scaleTarget, scaleTarget)
            ? 0
            : Math.abs(own[list][k]!.scaleTarget / scaleTarget - 1);
          expect(error, `${name} ${list}`).toBeLessThan(2e-4);
        }
      }
    }
  });
});
