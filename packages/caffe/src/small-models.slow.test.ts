import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobValues, type NetParameter } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, logLines, runCli } from './testing/run-cli.ts';
import { temporaryFolder } from './testing/shared-files.ts';
import { writeFiles } from './testing/toy-files.ts';

const root = temporaryFolder();

const net = `name: "small"
layer { name: "data" type: "DummyData" top: "data" top: "label" dummy_data_param {
  shape { dim: 4 dim: 3 dim: 8 dim: 8 } shape { dim: 4 }
  data_filler { type: "gaussian" std: 1 } data_filler { type: "constant" value: 2 } } }
layer { name: "a" type: "Convolution" bottom: "data" top: "a"
  convolution_param { num_output: 32 kernel_size: 3 stride: 2 bias_term: false weight_filler { type: "msra" } } }
layer { name: "a/bn" type: "BatchNorm" bottom: "a" top: "a" batch_norm_param { scale_bias: true } }
layer { name: "a/relu" type: "ReLU" bottom: "a" top: "a" }
layer { name: "b" type: "Convolution" bottom: "a" top: "b"
  convolution_param { num_output: 32 kernel_size: 3 weight_filler { type: "msra" } } }
layer { name: "ip" type: "InnerProduct" bottom: "b" top: "ip"
  inner_product_param { num_output: 5 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }
`;
const solver = `net: "net.prototxt"
base_lr: 0.001 lr_policy: "fixed" momentum: 0.9 max_iter: 8 display: 2 random_seed: 3
snapshot: 4 snapshot_prefix: "run" display_sparsity: 4
sparse_mode: SPARSE_UPDATE sparsity_target: 0.9 sparsity_start_factor: 0.3 sparsity_step_factor: 0.2
sparsity_step_iter: 2 sparsity_threshold_maxratio: 1 sparsity_threshold_value_max: 10
`;

/** Share of zeros of each convolution. */
function zerosOf(file: string): Record<string, number> {
  const convolutions = readWeightsFile(file).layer.filter(({ type }) => type === 'Convolution');
  return Object.fromEntries(
    convolutions.map(({ name, blobs }) => {
      const values = [...blobValues(blobs[0]!)];
      return [name!, values.filter((value) => value === 0).length / values.length];
    }),
  );
}

const blobsOf = (message: NetParameter, name: string) =>
  message.layer.find((layer) => layer.name === name)!.blobs.map((blob) => [...blobValues(blob)]);

/** From the first line that starts so. */
const from = (lines: readonly string[], start: string) =>
  lines.slice(lines.findIndex((line) => line.startsWith(start)));

describe('sparse training', () => {
  const cwd = join(root);
  let whole: CliResult;
  const weights = (iter: number) => join(cwd, `run_iter_${iter}.caffemodel`);

  beforeAll(async () => {
    writeFiles(cwd, { 'net.prototxt': net, 'solver.prototxt': solver });
    whole = await runCli(['train', '--solver=solver.prototxt'], { cwd });
  }, 60_000);

  it('makes zeros step by step, and logs them in the words of the original', () => {
    expect(whole.code, whole.stderr).toBe(0);
    const info = logLines(whole.stderr).filter((line) => /sparsity|Sparsity|frozen/.test(line) && !/^ /.test(line));
    const frozen = 'All zero weights of convolution layers are frozen';
    const finding = info.filter((line) => line.startsWith('Finding and'));
    expect(info[0]).toBe(frozen);
    expect(finding.map((line) => / sparsity_factor=(\S+) .* iter=(\d+)$/.exec(line)!.slice(1))).toEqual([
      ...[
        ['0.3', '0'],
        ['0.5', '2'],
        ['0.7', '4'],
        ['0.9', '6'],
      ],
    ]);
    expect(info.filter((line) => line === frozen).length).toBe(5);
    expect(info).toContain('Sparsity after update:');
    expect(from(info, 'Sparsity after training:')[1]).toBe('Num Params(2), Sparsity (zero_weights/count): ');
    expect(logLines(whole.stderr, 'W')).toContain('b ni=32 no=32');
    const { a, b } = zerosOf(weights(8));
    expect([a, b]).toEqual([expect.closeTo(0.45, 1), expect.closeTo(0.9, 1)]);
  });

  it('resumes exactly: masks and factor are in the snapshot', async () => {
    const expected = readFileSync(weights(8));
    const { code, stderr } = await runCli(['train', '--solver=solver.prototxt', '--snapshot=run_iter_4.solverstate'], {
      cwd,
    });
    expect(code, stderr).toBe(0);
    expect(logLines(stderr).filter((line) => line.startsWith('Finding and'))).toEqual(
      logLines(whole.stderr)
        .filter((line) => line.startsWith('Finding and'))
        .slice(2),
    );
    expect(readFileSync(weights(8)).equals(expected)).toBe(true);
  });

  it('as caffe-jacinto 0.17, a resumed run starts with the first factor; layers can be excluded', async () => {
    const folder = mkdtempSync(join(root, 'compat-'));
    writeFiles(folder, { 'net.prototxt': net, 'solver.prototxt': solver });
    const flags = ['--compat=caffe-jacinto-0.17', '--sparsity_exclude=b*'];
    const first = await runCli(['train', '--solver=solver.prototxt', ...flags], { cwd: folder });
    expect(first.code, first.stderr).toBe(0);
    expect(zerosOf(join(folder, 'run_iter_8.caffemodel'))['b']).toBe(0);
    const args = ['train', '--solver=solver.prototxt', '--snapshot=run_iter_4.solverstate', ...flags];
    const { stderr } = await runCli(args, { cwd: folder });
    const finding = logLines(stderr).filter((line) => line.startsWith('Finding and'));
    expect(finding[0]).toContain('sparsity_factor=0.3 ');
  });

  it('caffe test --display_sparsity shows the zeros in the end', async () => {
    const args = ['test', '--model=net.prototxt', `--weights=${weights(8)}`, '--iterations=1', '--display_sparsity=1'];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, stderr).toBe(0);
    const rule = '=========================';
    const { a, b } = zerosOf(weights(8));
    const [count, zeros] = [864 + 9216, a! * 864 + b! * 9216];
    expect(from(logLines(stderr), '====')).toEqual([
      ...[rule, 'Sparsity of the test net:', 'Num Params(2), Sparsity (zero_weights/count): '],
      ...[`a_param_0(${Number(a!.toPrecision(3))}) `, `b_param_0(${Number(b!.toPrecision(3))}) `],
      `Total Sparsity (zero_weights/count) =  (${Math.round(zeros)}/${count}) ${Number((zeros / count).toPrecision(3))}`,
      rule,
    ]);
  });

  it('caffe threshold makes a model sparse at once', async () => {
    const args = ['threshold', '--model=net.prototxt', `--weights=${weights(4)}`, '--output=./thin.caffemodel'];
    const options = ['--threshold_fraction_mid=0.75', '--threshold_value_maxratio=1', '--threshold_value_max', '10'];
    const { code, stderr } = await runCli([...args, ...options], { cwd });
    expect(code, stderr).toBe(0);
    expect(zerosOf(join(cwd, 'thin.caffemodel'))['b']).toBeCloseTo(0.75, 2);
    expect(readNetFile(join(cwd, 'thin.prototxt')).layer.length).toBe(7);
    expect(logLines(stderr)).toContain('Num Params(2), Sparsity (zero_weights/count): ');
    const wrong = await runCli([...args, '--threshold_fraction_mid=75'], { cwd });
    expect([wrong.code, logLines(wrong.stderr, 'E')]).toEqual([1, ['--threshold_fraction_mid is 75; use 0 to 1']]);
  });

  it('caffe optimize merges batch norm, checks the outputs, and saves both files', async () => {
    const args = ['optimize', '--model=net.prototxt', `--weights=${weights(8)}`];
    const { code, stderr } = await runCli([...args, '--output_model=merged.anything'], { cwd });
    expect(code, stderr).toBe(0);
    expect(from(logLines(stderr), 'Optimizing Net')).toEqual([
      ...['Optimizing Net net.prototxt', 'Optimizing layer: Convolution a'],
      expect.stringMatching(/^Checked: worst difference of 3 blobs: \S+ in (label|ip|loss), \S+ of its largest value$/),
      'Snapshotting optimized prototxt to file merged.prototxt',
      'Snapshotting optimized caffemodel to file merged.caffemodel',
    ]);
    const merged = readNetFile(join(cwd, 'merged.prototxt'));
    expect(merged.layer.find(({ name }) => name === 'a')!.convolutionParam!.biasTerm).toBe(true);
    expect(blobsOf(readWeightsFile(join(cwd, 'merged.caffemodel')), 'a').length).toBe(2);
    expect(existsSync(join(cwd, 'merged.anything'))).toBe(false);
    for (const [more, words] of [
      [['--output_model=nowhere/x'], 'nowhere: there is no such folder; make it first'],
      [[], 'need a name for the model that is made; give --output_model=FOLDER/NAME'],
      [['--output_model=net'], 'net.prototxt: would be overwritten; give another --output_model'],
    ] as const) {
      const refused = await runCli([...args, ...more], { cwd });
      expect([refused.code, logLines(refused.stderr, 'E')]).toEqual([1, [words]]);
    }
  });

  it('caffe test --optimize_net gives the same numbers, and saves what it tested', async () => {
    writeFiles(cwd, { 'same.prototxt': net.replace('"gaussian" std: 1', '"constant" value: 0.5') });
    const args = ['test', '--model=same.prototxt', `--weights=${weights(8)}`, '--iterations=2'];
    const plain = await runCli(args, { cwd });
    const merged = await runCli([...args, '--optimize_net', '--output_model=tested'], { cwd });
    expect(merged.code, merged.stderr).toBe(0);
    expect(logLines(merged.stderr)).toContain('Optimizing layer: Convolution a');
    expect(blobsOf(readWeightsFile(join(cwd, 'tested.caffemodel')), 'a').length).toBe(2);
    const loss = (text: string) => Number(/Loss: (\S+)/.exec(text)![1]);
    expect(loss(plain.stderr)).toBeGreaterThan(0);
    expect(loss(merged.stderr) / loss(plain.stderr)).toBeCloseTo(1, 4);
  });
});
