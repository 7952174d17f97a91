import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaffeError, create, makeBlob } from '@jacinto/proto';
import { writeWeightsFile } from '@jacinto/proto/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBnAbsorb } from './command.ts';
import { compareOutputs } from './compare.ts';
import { findRunNet, type RunNet } from './run-net.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bn-absorb-'));
  writeFileSync(
    join(folder, 'm.prototxt'),
    `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: [1, 1, 3, 3] } } }
     layer { name: "c" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 1 kernel_size: 1 } }
     layer { name: "b" type: "BatchNorm" bottom: "c" top: "c" }`,
  );
  const layer = [
    { name: 'c', blobs: [makeBlob([1, 1, 1, 1], [1]), makeBlob([1], [3])] },
    { name: 'b', blobs: [makeBlob([1], [1]), makeBlob([1], [2]), makeBlob([1], [1])] },
  ];
  writeWeightsFile(join(folder, 'w.caffemodel'), create('NetParameter', { layer }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(runNet: RunNet | undefined, to: string, ...flags: string[]) {
  const out: string[] = [];
  const error: string[] = [];
  const status = await runBnAbsorb(
    [join(folder, 'm.prototxt'), join(folder, 'w.caffemodel'), join(folder, to), ...flags],
    {
      print: (text) => void out.push(text),
      printError: (text) => void error.push(text),
      ...{ folder, runNet },
    },
  );
  return { status, out: out.join(''), error: error.join(''), written: existsSync(join(folder, to)) };
}

/** A net whose outputs are the given ones, call by call. */
const pretend = (...values: number[]): RunNet => {
  let call = 0;
  return async () => new Map([['c', Float32Array.of(1, values[call++]!)]]);
};

describe('the check', () => {
  it('runs the real net', async () => {
    const { status, out } = await run(await findRunNet(folder), 'real');
    expect(status).toBe(0);
    expect(out).toMatch(/^checked: worst difference of 1 blob: \S+ in c/m);
  });

  it('writes nothing where outputs differ, and says how far', async () => {
    const { status, error, written } = await run(pretend(2, 2.1), 'differs');
    expect({ status, written }).toEqual({ status: 1, written: false });
    expect(error).toContain(
      'outputs before and after differ: worst difference of 1 blob: 0.100 in c, 0.0500 of its largest value',
    );
    expect((await run(pretend(2, 2.1), 'tolerant', '--tolerance', '0.1')).status).toBe(0);
    expect((await run(pretend(2, 2.1), 'plain', '--no-check')).out).not.toContain('checked');
    expect((await run(pretend(2, 2.1), 'compat', '--compat')).out).toContain('OUTPUTS DIFFER');
  });

  it('says so where the net does not run', async () => {
    const broken: RunNet = async () => {
      throw new CaffeError({ code: 'missing', file: 'lmdb', problem: 'does not exist' });
    };
    const { status, out, written } = await run(broken, 'norun');
    expect({ status, written }).toEqual({ status: 0, written: true });
    expect(out).toContain('not checked: the net does not run here as it was: lmdb: does not exist');
  });
});

describe('the check of weights that are no use', () => {
  it('refuses those that do not fit', async () => {
    const unfit: RunNet = async () => {
      throw new CaffeError({ code: 'bad-shape', layer: 'c', problem: 'has the shape 1' });
    };
    const { status, error, written } = await run(unfit, 'unfit');
    expect({ status, written }).toEqual({ status: 1, written: false });
    expect(error).toBe('bn-absorb: layer "c": has the shape 1\n');
  });

  it('says so where outputs are NaN', async () => {
    const { out } = await run(pretend(Number.NaN, Number.NaN), 'nan');
    expect(out).toContain('not checked: the blob c is NaN or infinite as it was');
  });
});

describe('compareOutputs', () => {
  const map = (...values: number[]) => new Map([['a', Float32Array.from(values)]]);
  it('counts NaN beside a number, and other lengths, as infinite', () => {
    expect(compareOutputs(map(1), map(Number.NaN)).relative).toBe(Infinity);
    expect(compareOutputs(map(1), map(1, 2)).relative).toBe(Infinity);
    expect(compareOutputs(map(Number.NaN), map(Number.NaN)).relative).toBe(0);
    expect(compareOutputs(map(1), new Map()).blobs).toBe(0);
  });
});
