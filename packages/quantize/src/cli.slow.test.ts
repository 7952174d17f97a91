import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, makeBlob, parseText, writeWeights } from '@jacinto/proto';
import { readWeightsFile } from '@jacinto/proto/node';
import { afterAll, describe, expect, it } from 'vitest';
import { golden, hasGolden, sharedFolder } from './testing/shared.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const bin = here('../bin/quantize.js');
const isBuilt = existsSync(here('../dist/cli.js'));
const caffe = here('../../caffe/dist/index.js');
const hasCaffe = isBuilt && existsSync(caffe);

const folder = mkdtempSync(join(tmpdir(), 'jacinto-quantize-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(args: readonly string[], command = bin): Promise<Result> {
  return new Promise((done, fail) => {
    const env = { ...process.env, JACINTO_THREADS: '1' };
    const child = spawn(process.execPath, [command, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const result: Result = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text;
    });
    child.on('error', fail);
    child.on('close', (code) => done({ ...result, code }));
  });
}

const deploy = `name: "tiny"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 6 dim: 8 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 3 kernel_size: 1 } }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: AVE global_pooling: true } }`;

/** Tells red, green and blue apart: OpenCV's channels are blue, green, red. */
function writeModel(bias = 0): void {
  writeFileSync(join(folder, 'deploy.prototxt'), deploy);
  const weights = Float32Array.from([-1, -1, 1, -1, 1, -1, 1, -1, -1], (v) => v / 128);
  const blobs = [makeBlob([3, 3, 1, 1], weights), makeBlob([3], new Float32Array(3).fill(bias))];
  const net = create('NetParameter', { layer: [{ name: 'conv', type: 'Convolution', blobs }] });
  writeFileSync(join(folder, 'w.caffemodel'), writeWeights(net));
}

describe.skipIf(!isBuilt)('quantize (skipped where not built)', () => {
  it('--help', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('needs @jacinto/caffe');
  });

  it('weights only, saved', async () => {
    writeModel(0.25);
    const args = [
      'deploy.prototxt',
      'w.caffemodel',
      '--bits',
      '4',
      '--draw',
      'w.svg',
      '--output_model',
      'q.caffemodel',
    ];
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toContain('weights only: give --images, --lmdb or --data');
    expect(stdout.split('\n').map((line) => line.split(/ +/).slice(0, 5).join(' '))).toEqual([
      'layer type what values bits',
      'conv Convolution weights 9 4',
      'conv Convolution bias 3 16',
      '',
    ]);
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'w.svg'), 'utf8')).toMatch(/^<svg /);
    expect(readWeightsFile(join(folder, 'q.caffemodel')).layer[0]!.name).toBe('conv');
  });

  it('mistakes: one line, exit code 1', async () => {
    writeModel(Number.NaN);
    for (const [args, message] of [
      [['deploy.prototxt', 'none.caffemodel'], 'none.caffemodel: does not exist'],
      [
        ['deploy.prototxt', 'w.caffemodel'],
        'layer "conv" (Convolution): blob 1 has 3 of 3 values that are NaN or infinite',
      ],
      [['deploy.prototxt', 'w.caffemodel', '--sweep', '8'], '--sweep needs pictures to run the net on'],
      [['deploy.prototxt', 'w.caffemodel', '--data'], 'has no data layer in phase TEST; give --images or --lmdb'],
      [['deploy.prototxt', 'w.caffemodel', '--images', '.'], 'holds no image'],
      [['deploy.prototxt', 'w.caffemodel', '--draw', 'no/x.svg'], 'does not exist; make it first'],
      [
        ['deploy.prototxt', 'w.caffemodel', '--ignore', 'cnov'],
        'deploy.prototxt: --ignore "cnov" is not known; did you mean',
      ],
      [
        ['deploy.prototxt', 'w.caffemodel', '--output_model', './w'],
        './w.caffemodel: would be overwritten; give another',
      ],
    ] as const) {
      const { code, stdout, stderr } = await run(args);
      expect([code, stdout], stderr).toEqual([1, '']);
      expect(stderr).toContain(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});

describe.skipIf(!hasCaffe)('quantize with @jacinto/caffe (skipped where it is not built)', () => {
  it('--images: a broken picture is named, not our list of them', async () => {
    writeModel();
    mkdirSync(join(folder, 'broken'), { recursive: true });
    writeFileSync(join(folder, 'broken', 'x.png'), 'no picture');
    const { code, stderr } = await run(['deploy.prototxt', 'w.caffemodel', '--images', 'broken']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^quantize: broken: .*x\.png/);
  });

  it('--images: a folder of classes', async () => {
    writeModel();
    const { encodeImage } = (await import(caffe)) as {
      encodeImage: (image: object, extension: string) => Promise<Uint8Array>;
    };
    const colours = { a_red: [0, 0, 200], b_green: [0, 180, 0], c_blue: [220, 0, 0] };
    for (const [name, pixel] of Object.entries(colours)) {
      mkdirSync(join(folder, 'pictures', name), { recursive: true });
      const data = Uint8Array.from({ length: 12 * 16 * 3 }, (_, i) => pixel[i % 3]!);
      const image = { width: 16, height: 12, channels: 3, data };
      writeFileSync(join(folder, 'pictures', name, '1.png'), await encodeImage(image, '.png'));
    }
    const args = [
      'deploy.prototxt',
      'w.caffemodel',
      '--images',
      'pictures',
      '--batch',
      '3',
      '--batches',
      '2',
      '--bits',
      '8',
    ];
    const { code, stdout, stderr } = await run(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^data +ImageData +output/m);
    expect(stdout).toMatch(/^pool: same class +1 +1 +0$/m);
    expect(stdout).toMatch(/^pool: top-1 +1 +1 +0$/m);
  });
});

describe.skipIf(!hasCaffe || !hasGolden)('quantize on a real model (skipped where ../shared is absent)', () => {
  const sparse = join(golden, 'sparse_train');
  const model = [join(sparse, 'net.prototxt'), join(sparse, 'sparse_iter_60.caffemodel')];
  const lmdb = ['--lmdb', join(sharedFolder, 'golden/files/cifar256_lmdb')];

  it('--lmdb: every layer, accuracy, picture and saved model', async () => {
    const outputs = ['--draw', 'net.svg', '--output_model', 'saved.caffemodel'];
    const { code, stdout, stderr } = await run([...model, ...lmdb, '--bits', '8', '--no-offset-weights', ...outputs]);
    expect([code, stderr]).toEqual([0, '']);
    const [, exact, quantized] = /^accuracy +([\d.]+) +([\d.]+)/m.exec(stdout)!.map(Number) as [number, number, number];
    expect(exact).toBeGreaterThan(0.4);
    expect(Math.abs(quantized - exact)).toBeLessThan(0.05);
    for (const layer of ['data', 'conv1/relu', 'conv5/relu', 'gap', 'fc'])
      expect(stdout).toMatch(new RegExp(`^${layer} .* output`, 'm'));
    const snr = Number(/SNR of the last quantized output: ([\d.]+) dB/.exec(stdout)![1]);
    expect(snr).toBeGreaterThan(20);
    expect(readFileSync(join(folder, 'net.svg'), 'utf8')).toContain('conv1 · weights · 8 bit');
    const saved = parseText('NetParameter', readFileSync(join(folder, 'saved.prototxt'), 'utf8'));
    expect(saved.netQuantizationParam!.applyOffsetWeights).toBe(false);
    expect(readWeightsFile(join(folder, 'saved.caffemodel')).layer.length).toBe(saved.layer.length);
  });

  it('--integers: layer by layer, and the accuracy of the simulation', async () => {
    const args = ['--bits', '8', '--power2', '--no-offset-weights', '--integers', '--batches', '2'];
    const { code, stdout } = await run([...model, ...lmdb, ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain('every layer agrees within one code');
    expect(stdout).not.toContain('without a fast kernel');
    const shares = /right class: float ([\d.]+), simulation ([\d.]+), integers ([\d.]+) \(0 points/.exec(stdout)!;
    const [, exact, accuracy] = /^accuracy +([\d.]+) +([\d.]+)/m.exec(stdout)!;
    expect(shares.slice(1, 4)).toEqual([exact, accuracy, accuracy]);
  });

  it('--sweep: accuracy against size', async () => {
    const { code, stdout } = await run([...model, ...lmdb, '--sweep', '3,8', '--batches', '2']);
    expect(code).toBe(0);
    const [first, titles, ...rows] = stdout.trimEnd().split('\n');
    expect(first).toMatch(/^float: accuracy [\d.]+, loss [\d.]+, 116096 bytes$/);
    expect(titles).toMatch(/^bits +options +accuracy +change +loss +change +SNR dB +bytes$/);
    expect(rows).toHaveLength(12);
    const bytes = rows.map((row) => Number(row.split(/ +/).at(-1)));
    expect(bytes[0]).toBeLessThan(bytes[6]!);
  });

  it('weights of another net are an error', async () => {
    const other = join(sharedFolder, 'models/resnet20_cifar10/resnet20_cifar10.caffemodel');
    const { code, stderr } = await run([model[0]!, other, ...lmdb]);
    expect(code).toBe(1);
    expect(stderr).toContain('layer "conv1" (Convolution): the file has no weights for it');
  });
});
