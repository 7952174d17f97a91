import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, encode, makeBlob } from '@jacinto/proto';
import { writeWeightsFile } from '@jacinto/proto/node';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { runGolden } from './index.ts';
import { innerProductCase, writeFloats, writeLayerCase } from './testing/write-case.ts';

const parent = mkdtempSync(join(tmpdir(), 'jacinto-golden-test-'));
let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(parent, String(count++));
  mkdirSync(folder);
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

async function golden(...args: string[]): Promise<{ code: number; lines: string[]; last: string }> {
  const lines: string[] = [];
  const code = await runGolden([folder, '--backend', 'reference', ...args], (line) => lines.push(line));
  return { code, lines, last: lines.at(-1)! };
}

describe('layer cases', () => {
  it('passes what is right, in folders within folders', async () => {
    writeLayerCase(join(folder, 'inner', 'ip'), innerProductCase());
    const { code, lines } = await golden();
    expect(lines).toEqual([
      'passed   inner/ip  0 in loss',
      '1 passed, 0 failed, 0 missing; worst error 0 in inner/ip (loss)',
    ]);
    expect(code).toBe(0);
  });

  it.each([
    [
      'a gradient',
      'param ip[0] diff',
      () => ({
        ...innerProductCase(),
        paramsAfter: [{ layer: 'ip', index: 0, shape: [2, 3], diff: [1, 2, 3, 10, 20, 33] }],
      }),
    ],
    [
      'a value',
      'blob y data',
      () => ({ ...innerProductCase(), blobsAfter: [{ blob: 'y', shape: [1, 2], data: [-2, 5] }] }),
    ],
    [
      'a shape',
      'blob y has the shape 1 2 (2), not 2 1',
      () => ({ ...innerProductCase(), blobsAfter: [{ blob: 'y', shape: [2, 1], data: [-2, 4] }] }),
    ],
    ['the loss', 'loss', () => ({ ...innerProductCase(), loss: 3 })],
    [
      'a NaN',
      'blob y data',
      () => ({ ...innerProductCase(), blobsAfter: [{ blob: 'y', shape: [1, 2], data: [Number.NaN, 4] }] }),
    ],
    [
      'a blob that does not exist',
      'blob "z" is not known',
      () => ({ ...innerProductCase(), blobsAfter: [{ blob: 'z', shape: [1], data: [0] }] }),
    ],
  ])('fails on another %s', async (_, words, make) => {
    writeLayerCase(join(folder, 'ip'), make());
    const { code, lines, last } = await golden();
    expect(lines[0]).toMatch(/^failed {3}ip /);
    expect(lines[0]).toContain(words);
    expect(last).toMatch(/^0 passed, 1 failed, 0 missing/);
    expect(code).toBe(1);
  });

  it('wants the gradient before a ReLU in place, which a batch norm that does its work never writes', async () => {
    writeLayerCase(join(folder, 'bn'), {
      net: `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 1 } } }
        layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y" }
        layer { name: "relu" type: "ReLU" bottom: "y" top: "y" }`,
      phase: 'TRAIN',
      inputs: [{ blob: 'x', shape: [2, 1], data: [1, 3] }],
      outputDiffs: [{ blob: 'y', shape: [2, 1], diff: [5, 7] }],
      blobsAfter: [{ blob: 'y', shape: [2, 1], data: [0, 1], diff: [0, 7] }],
    });
    expect((await golden()).lines[0]).toMatch(/^passed {3}bn /);
  });

  it('lists a layer type that nobody registered as missing, without failing', async () => {
    const made = innerProductCase();
    writeLayerCase(join(folder, 'new'), { ...made, net: made.net.replace('InnerProduct', 'Telepathy') });
    expect(await golden()).toMatchObject({
      code: 0,
      lines: ['missing  new  layer type not registered: Telepathy', '0 passed, 0 failed, 1 missing'],
    });
  });

  it('says which file is too short', async () => {
    writeLayerCase(join(folder, 'ip'), innerProductCase());
    writeFloats(join(folder, 'ip.bin'), [1, 2, 3]);
    const { code, lines } = await golden();
    expect(lines[0]).toContain('ip.bin: holds 3 values, but an array ends at 6');
    expect(code).toBe(1);
  });

  it('runs only what the filter names', async () => {
    writeLayerCase(join(folder, 'one'), innerProductCase());
    writeLayerCase(join(folder, 'two'), innerProductCase());
    expect((await golden('--filter', 'tw')).lines[0]).toMatch(/^passed {3}two/);
    expect((await golden('--filter', 'three')).last).toBe('none of 2 cases has "three" in its name');
  });
});

describe('models', () => {
  function writeModel(tolerance: number): void {
    const { net, params } = innerProductCase();
    writeFileSync(join(folder, 'deploy.prototxt'), net);
    const blobs = [makeBlob([2, 3], Float32Array.from(params![0]!.data!))];
    const layer = create('LayerParameter', { name: 'ip', type: 'InnerProduct', blobs });
    writeWeightsFile(join(folder, 'any.caffemodel'), create('NetParameter', { layer: [layer] }));
    for (const [inner, batch] of [
      ['', 1],
      ['case2', 2],
    ] as const) {
      mkdirSync(join(folder, inner), { recursive: true });
      writeFloats(join(folder, inner, 'input.bin'), [1, 2, 3, 1, 0, 0].slice(0, 3 * batch));
      writeFloats(join(folder, inner, 'expected', 'y.bin'), [-2, 4.01, 1, 2].slice(0, 2 * batch));
      writeFileSync(
        join(folder, inner, 'input.json'),
        JSON.stringify({ blob: 'x', shape: [batch, 3], file: 'input.bin' }),
      );
      const expected = { y: { shape: [batch, 2, 1, 1], file: 'expected/y.bin', tolerance, output: true } };
      writeFileSync(join(folder, inner, 'expected.json'), JSON.stringify(expected));
    }
  }

  it('reshapes the input and judges each blob by its own tolerance', async () => {
    writeModel(0.005);
    const { code, lines } = await golden();
    expect(lines.map((line) => line.split('  ')[0])).toEqual([
      'passed',
      'passed',
      expect.stringMatching(/^2 passed, 0 failed/),
    ]);
    expect(lines[1]).toContain('/case2  2.5e-3 in blob y');
    expect(code).toBe(0);
    writeModel(0.001);
    expect((await golden()).last).toMatch(/^0 passed, 2 failed, 0 missing/);
  });
});

describe('files', () => {
  it('wants broken files refused and others read', async () => {
    const good = create('NetParameter', { layer: [create('LayerParameter', { name: 'a', type: 'ReLU' })] });
    mkdirSync(join(folder, 'broken'));
    writeWeightsFile(join(folder, 'good.caffemodel'), good);
    writeFileSync(join(folder, 'broken', 'page.caffemodel'), '<!DOCTYPE html><html></html>');
    const { code, lines } = await golden();
    expect(lines[0]).toBe('passed   good.caffemodel');
    expect(lines[1]).toMatch(/^passed {3}broken\/page\.caffemodel {2}refused: .*is an HTML page/);
    expect(code).toBe(0);
    writeWeightsFile(join(folder, 'broken', 'fine.caffemodel'), good);
    writeFileSync(join(folder, 'page.caffemodel'), '<!DOCTYPE html><html></html>');
    const again = await golden();
    expect(again.lines.filter((line) => line.startsWith('failed'))).toHaveLength(2);
    expect(again.code).toBe(1);
  });

  it('compares a mean file', async () => {
    const mean = [1, 2, 3, 5, 5, 5, 5, 5];
    writeFileSync(join(folder, 'm.binaryproto'), encode('BlobProto', makeBlob([1, 2, 2, 2], Float32Array.from(mean))));
    const expected = { shape: [1, 2, 2, 2], channel_means: [2.75, 5], first: [1, 2], last: [5] };
    writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected));
    expect((await golden()).lines[0]).toBe('passed   m.binaryproto  0 in channel means');
    writeFileSync(join(folder, 'expected.json'), JSON.stringify({ ...expected, channel_means: [5, 2.75] }));
    expect((await golden()).code).toBe(1);
  });

  it('lists layouts that it does not know as missing', async () => {
    writeFileSync(join(folder, 'odd.json'), '{"weights_before": [], "cases": []}');
    expect((await golden()).lines[0]).toBe('missing  odd  this layout is not known: weights_before, cases');
  });
});

describe('training runs', () => {
  // y = w·1, loss = (y − 3)²/2, w from 0, rate 0.1, no momentum: w is 0, 0.3, 0.57, 0.813.
  const net = `
layer { name: "d" type: "DummyData" top: "x" top: "t" dummy_data_param {
  shape { dim: 1 dim: 1 } shape { dim: 1 dim: 1 } data_filler { value: 1 } data_filler { value: 3 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: 1 bias_term: false } }
layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "t" top: "loss" }`;
  const weights = (w: number) =>
    create('NetParameter', {
      layer: [
        create('LayerParameter', { name: 'ip', type: 'InnerProduct', blobs: [makeBlob([1, 1], Float32Array.of(w))] }),
      ],
    });

  function writeRun(losses: readonly number[], after: number, solver = ''): void {
    const run = join(folder, 'solver_a');
    mkdirSync(run);
    writeFileSync(join(folder, 'net.prototxt'), net);
    writeWeightsFile(join(folder, 'start.caffemodel'), weights(0));
    writeWeightsFile(join(run, 'a_iter_3.caffemodel'), weights(after));
    writeFileSync(
      join(run, 'solver.prototxt'),
      `net: "net.prototxt"\nbase_lr: 0.1\nlr_policy: "fixed"\ndisplay: 1\nmax_iter: 3\nsnapshot_prefix: "solver_a/a"\n${solver}`,
    );
    const prefix = 'I1124 17:19:00.229171 29212 solver.cpp:45] ';
    const rows = losses.flatMap((loss, i) => [
      `Iteration ${i} (1000 iter/s, 0.001s/1 iters), loss = ${loss}`,
      `    Train net output #0: loss = ${loss} (* 1 = ${loss} loss)`,
      `Iteration ${i}, lr = 0.1`,
    ]);
    const lines = [
      'Finetuning from start.caffemodel',
      ...rows,
      'Snapshotting to binary proto file solver_a/a_iter_3.caffemodel',
    ];
    writeFileSync(join(run, 'train.log'), lines.map((line) => `${prefix}${line}\n`).join(''));
  }
  const outcome = ({ lines }: { lines: string[] }) => lines.find((line) => line.includes('solver_a/solver'))!;

  it('follows the losses and the snapshot, and writes nothing into the folder', async () => {
    writeRun([4.5, 3.645, 2.95245], 0.813);
    const before = readdirSync(folder, { recursive: true }).sort();
    const result = await golden();
    expect(outcome(result)).toMatch(/^passed {3}solver_a\/solver/);
    expect(result.code).toBe(0);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
  });

  it('fails on another loss and on other weights', async () => {
    writeRun([4.5, 3.645, 2.5], 0.5);
    const result = await golden();
    expect(outcome(result)).toMatch(/^failed .*loss at 2 \(1\.8e-1\).*a_iter_3\.caffemodel ip\[0\] \(6\.3e-1\)/);
    expect(result.code).toBe(1);
  });

  it('fails where an iteration of the log never came', async () => {
    writeRun([4.5, 3.645, 2.95245, 2.391485, 1.94], 0.813);
    expect(outcome(await golden())).toContain('no loss at 4');
  });

  it('finds databases by their last name in the data folder, through links of the recorded one', async () => {
    writeRun([4.5, 3.645, 2.95245], 0.813);
    const data = join(parent, `data${count}`);
    mkdirSync(data);
    writeFileSync(join(data, 'mean.binaryproto'), encode('BlobProto', makeBlob([1, 1, 1, 1], Float32Array.of(0))));
    const withMean = net.replace(
      'dummy_data_param',
      'transform_param { mean_file: "solver_a/inner/mean.binaryproto" } dummy_data_param',
    );
    writeFileSync(join(folder, 'net.prototxt'), withMean);
    expect(outcome(await golden())).toContain(
      'not there: solver_a/inner/mean.binaryproto; say where it lies with --data',
    );
    const before = readdirSync(folder, { recursive: true }).sort();
    expect(outcome(await golden('--data', data))).toMatch(/^passed/);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
  });

  it('cannot repeat a run from random weights', async () => {
    writeRun([4.5], 0.1);
    const log = join(folder, 'solver_a', 'train.log');
    writeFileSync(log, readFileSync(log, 'utf8').replace(/^.*Finetuning.*\n/m, ''));
    expect(outcome(await golden())).toContain('its log names no weights to start from');
  });

  it('counts features that are not built as missing', async () => {
    writeRun([4.5], 0.1, 'eval_type: "detection"\n');
    const words = 'detection tests (eval_type "detection"): not built yet';
    expect(outcome(await golden())).toBe(`missing  solver_a/solver  ${words}`);
  });
});

describe('the command line', () => {
  it.each([
    [['nowhere'], 'nowhere: there is no such folder'],
    [[], 'no folder is given; usage: npm run golden'],
    [['.', '--backend', 'abacus'], '--backend is "abacus"; use cpu, onednn or reference'],
    [['.', '--date', 'x'], "Unknown option '--date'; usage"],
  ])('%j', async (args, words) => {
    const lines: string[] = [];
    expect(await runGolden(args, (line) => lines.push(line))).toBe(1);
    expect(lines.join('\n')).toContain(words);
  });

  it('says that a folder holds nothing it knows', async () => {
    expect((await golden()).last).toContain('holds no case of a known layout; give a folder of layer cases');
  });
});
