import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, makeBlob, readWeights } from '@jacinto/proto';
import { readNetFile, writeWeightsFile } from '@jacinto/proto/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin/bn-absorb.js', import.meta.url));
const isBuilt = existsSync(new URL('../dist/cli.js', import.meta.url));
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bn-absorb-'));
  writeFileSync(
    join(folder, 'model.prototxt'),
    `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: [1, 1, 3, 3] } } }
     layer { name: "c" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 2 kernel_size: 1 } }
     layer { name: "b" type: "BatchNorm" bottom: "c" top: "c" }`,
  );
  writeModel([0.5, 2]);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeModel(variance: number[]): void {
  const layer = [
    { name: 'c', blobs: [makeBlob([2, 1, 1, 1], [1, 2]), makeBlob([2], [3, 4])] },
    { name: 'b', blobs: [makeBlob([2], [0.1, 0.2]), makeBlob([variance.length], variance), makeBlob([1], [1])] },
  ];
  writeWeightsFile(join(folder, 'w.caffemodel'), create('NetParameter', { layer }));
}

const run = (...args: string[]) =>
  new Promise<{ status: number; out: string; error: string }>((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: folder }, (error, out, stderr) =>
      resolve({ status: (error?.code as number | undefined) ?? 0, out, error: stderr }),
    );
  });

describe.skipIf(!isBuilt)('the command (skipped where not built)', () => {
  it('merges, checks and writes both files', async () => {
    const { status, out, error } = await run('model.prototxt', 'w.caffemodel', 'a/b', '--remove');
    expect(error).toBe('');
    expect(status).toBe(0);
    expect(out.split('\n')[0]).toBe('merged b (behind) into Convolution c');
    // Where the packages that run nets are not built, the check says so instead.
    expect(out.split('\n')[1]).toMatch(
      /^checked: worst difference of 1 blob: \S+ in c, \S+ of its largest value$|^not checked: /,
    );
    expect(out.split('\n')[2]).toBe('wrote a/b/model.prototxt and a/b/w.caffemodel');
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['model.prototxt', 'w.caffemodel']);
    expect(readNetFile(join(folder, 'a/b/model.prototxt')).layer.map(({ name }) => name)).toEqual(['x', 'c']);
    expect(readWeights(readFileSync(join(folder, 'a/b/w.caffemodel'))).layer[1]!.blobs.length).toBe(2);
  });

  it('explains itself', async () => {
    expect(await run('--help')).toMatchObject({ status: 0, error: '' });
    expect((await run('--help')).out).toContain('usage: bn-absorb MODEL.prototxt WEIGHTS.caffemodel OUT/');
  });

  it.each([
    [
      ['model.prototxt', 'w.caffemodel'],
      'bn-absorb: needs MODEL.prototxt, WEIGHTS.caffemodel and OUT/, and got 2 arguments; see bn-absorb --help',
    ],
    [['model.prototxt', 'w.caffemodel', '.'], 'bn-absorb: model.prototxt: would be overwritten; give another folder'],
    [
      ['model.prototxt', 'none.caffemodel', 'o'],
      'bn-absorb: none.caffemodel: does not exist; check the path (it is relative to the current folder)',
    ],
    [['--remvoe'], 'bn-absorb: --remvoe is not known; did you mean --remove?'],
    [
      ['model.prototxt', 'w.caffemodel', 'o', '--tolerance', 'x'],
      'bn-absorb: --tolerance is "x"; use a number from 0 on',
    ],
  ])('%j is a fault', async (args, message) => {
    expect(await run(...args)).toEqual({ status: 1, out: '', error: `${message}\n` });
    expect(existsSync(join(folder, 'o'))).toBe(false);
  });

  it('weights that do not fit name file, layer and blob', async () => {
    writeModel([1, 2, 3]);
    const { status, error } = await run('model.prototxt', 'w.caffemodel', 'o');
    expect(status).toBe(1);
    expect(error).toBe(
      'bn-absorb: w.caffemodel: layer "b" (BatchNorm): blob 1 has 3 values, but the layer beside it has 2 channels; use the weights that were made with this net\n',
    );
  });
});
