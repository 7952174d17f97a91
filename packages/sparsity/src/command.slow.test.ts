import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blobValues, create, makeBlob } from '@jacinto/proto';
import { readWeightsFile, writeWeightsFile } from '@jacinto/proto/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countZeros } from './convolution.ts';
import { randomFrom } from './testing/random.ts';

const bin = fileURLToPath(new URL('../bin/sparsity.js', import.meta.url));
const isBuilt = existsSync(new URL('../dist/cli.js', import.meta.url));
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparsity-'));
  const conv = (name: string, bottom: string, kernel: number) =>
    `layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${name}" convolution_param { num_output: 32 kernel_size: ${kernel} } }\n`;
  const input = 'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: [1, 32, 8, 8] } } }\n';
  writeFileSync(join(folder, 'm.prototxt'), input + conv('a', 'x', 3) + conv('b', 'a', 1));
  const { normal } = randomFrom(3);
  const weights = (kernel: number) => Float32Array.from({ length: 1024 * kernel * kernel }, normal);
  const layer = [3, 1].map((kernel, i) => ({
    name: i === 0 ? 'a' : 'b',
    blobs: [makeBlob([32, 32, kernel, kernel], weights(kernel)), makeBlob([32], new Float32Array(32))],
  }));
  writeWeightsFile(join(folder, 'w.caffemodel'), create('NetParameter', { layer }));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) =>
  new Promise<{ status: number; out: string; error: string }>((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: folder }, (error, out, stderr) =>
      resolve({ status: (error?.code as number | undefined) ?? 0, out, error: stderr }),
    );
  });

describe.skipIf(!isBuilt)('the command (skipped where not built)', () => {
  it('without a target prints the table and writes nothing', async () => {
    expect(await run('m.prototxt', 'w.caffemodel')).toEqual({
      ...{ status: 0, error: '' },
      out: 'Num Params(2), Sparsity (zero_weights/count): \na_param_0(0) \nb_param_0(0) \nTotal Sparsity (zero_weights/count) =  (0/10240) 0\n',
    });
    expect(readdirSync(folder)).toEqual(['m.prototxt', 'w.caffemodel']);
  });

  it('zeroes, prints, saves, draws', async () => {
    const { status, out, error } = await run('m.prototxt', 'w.caffemodel', '--target', '0.6', '--svg', 's.svg');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    expect(out.split('\n').slice(0, 2)).toEqual([
      'dense: b',
      'target 0.6 reached: 0.6 of the weights are 0, with the factor 0.67',
    ]);
    expect(out).toContain('wrote s.svg\nwrote w_sparse.caffemodel\n');
    expect(readFileSync(join(folder, 's.svg'), 'utf8')).toContain('</svg>');
    const [a, b] = readWeightsFile(join(folder, 'w_sparse.caffemodel')).layer;
    expect(countZeros(blobValues(a!.blobs[0]!)) / 9216).toBeCloseTo(0.67, 2);
    expect(countZeros(blobValues(b!.blobs[0]!))).toBe(0);
  });

  it('says where the target is not reached', async () => {
    const { out } = await run(
      'm.prototxt',
      'w.caffemodel',
      '--target',
      '0.8',
      '--max-ratio',
      '0.2',
      '--output',
      'o.caffemodel',
    );
    expect(out).toMatch(
      /^dense: b\ntarget 0.8 NOT reached: \S+ of the weights are 0, with the factor 0.95; caps and dense layers allow no more\n/,
    );
  });

  it('patterns', async () => {
    const { out } = await run(
      'm.prototxt',
      'w.caffemodel',
      '--fractions',
      '0.5,0.5,0.5',
      '--method',
      '2:4',
      '--output',
      'o.caffemodel',
    );
    expect(out).toContain('a_param_0(0.5) \n');
  });

  it.each([
    [['m.prototxt'], 'needs MODEL.prototxt and WEIGHTS.caffemodel, and got 1 arguments; see sparsity --help'],
    [['m.prototxt', 'w.caffemodel', '--target', '1.5'], '--target is "1.5"; use a number from 0 to 1'],
    [['m.prototxt', 'w.caffemodel', '--targte', '1'], '--targte is not known; did you mean --target?'],
    [
      ['m.prototxt', 'w.caffemodel', '--method', 'x'],
      '--method is "x"; use channel, layer, N:M (2:4), filters, inputs, or blockRxC (block4x1)',
    ],
    [
      ['m.prototxt', 'none', '--target', '0.5'],
      'none: does not exist; check the path (it is relative to the current folder)',
    ],
    [
      ['m.prototxt', 'w.caffemodel', '--target', '0.5', '--output', 'w.caffemodel'],
      'w.caffemodel: would be overwritten; give another --output',
    ],
    [
      ['m.prototxt', 'w.caffemodel', '--target', '0.5', '--exclude', 'c'],
      'm.prototxt: exclude "c" fits no Convolution layer; did you mean "a"?',
    ],
  ])('%j is a fault', async (args, message) => {
    expect(await run(...args)).toEqual({ status: 1, out: '', error: `sparsity: ${message}\n` });
    expect(readdirSync(folder)).toEqual(['m.prototxt', 'w.caffemodel']);
  });
});
