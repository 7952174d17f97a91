import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { absent, shared } from '../../test/materials.ts';
import { blobValues, CaffeError, create, makeBlob } from '../index.ts';
import * as files from '../node.ts';

const fault = vi.hoisted(() => ({ code: undefined as string | undefined, afterBytes: 0 }));

// The real file system, which fails with `fault.code` once `fault.afterBytes` were written in one call.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writevSync(handle: number, buffers: Uint8Array[]) {
      if (fault.code === undefined) return fs.writevSync(handle, buffers);
      if (fault.afterBytes === 0) throw Object.assign(new Error(`${fault.code}: write`), { code: fault.code });
      const written = fs.writeSync(handle, buffers[0]!, 0, Math.min(fault.afterBytes, buffers[0]!.length));
      fault.afterBytes = 0;
      return written;
    },
  };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jacinto-proto-'));
  fault.code = undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

const weights = () =>
  create('NetParameter', {
    layer: [
      {
        name: 'ip',
        type: 'InnerProduct',
        blobs: [makeBlob([3], [1, 2, 3]), makeBlob([1], [0.5], { type: 'FLOAT16' })],
      },
    ],
  });

describe('reading and writing', () => {
  it.each(['nv', 'bvlc'] as const)('gives back weights in the %s format', (format) => {
    const path = join(folder, 'a.caffemodel');
    files.writeWeightsFile(path, weights(), { format });
    const blobs = files.readWeightsFile(path).layer[0]!.blobs;
    expect(blobs.map((blob) => [...blobValues(blob)])).toEqual([[1, 2, 3], [0.5]]);
    expect(blobs[0]!.rawData === undefined).toBe(format === 'bvlc');
    expect(blobs[1]!.data).toEqual(format === 'bvlc' ? Float32Array.of(0.5) : []);
  });

  it('gives back text messages, nets and solvers, with errors that name the file', () => {
    const path = join(folder, 'n.prototxt');
    files.writeTextMessageFile('NetParameter', path, { name: 'n', layer: [{ name: 'a' }] });
    expect(readFileSync(path, 'utf8')).toBe('name: "n"\nlayer {\n  name: "a"\n}\n');
    expect(files.readNetFile(path).layer[0]!.name).toBe('a');
    expect(files.readTextMessageFile('NetParameter', path).name).toBe('n');
    expect(() => files.readSolverFile(path)).toThrow(
      `${path}:1:1: name is no field of SolverParameter; this looks like a net`,
    );
    expect(() => files.readWeightsFile(path)).toThrow(`${path}: is a text message (prototxt), not a binary one`);
  });

  it.each([
    [
      '<!DOCTYPE html>\n<title>Not found</title>',
      'is an HTML page ("Not found"), not a message; the download gave a web page',
    ],
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n',
      'is a Git LFS pointer (64 bytes), not the file itself (12 bytes)',
    ],
    ['\n\u0003abc', 'is a binary file, not a text message (prototxt); give a prototxt here'],
    ['\u001f\u008b', 'is compressed by gzip; unpack it first'],
    ['\u0089HDF', 'is an HDF5 file, not a message; name it .h5 where weights or solver state are asked for'],
  ])('names what stands in place of a prototxt: %j', (content, words) => {
    const path = join(folder, 'n.prototxt');
    writeFileSync(path, content, 'latin1');
    expect(() => files.readNetFile(path)).toThrow(`${path}: ${words}`);
  });

  it('tells what was upgraded', () => {
    const path = join(folder, 'n.prototxt');
    const notes: string[] = [];
    writeFileSync(path, 'layers { name: "a" type: RELU }');
    files.readNetFile(path, { onUpgrade: (result) => notes.push(...result.notes) });
    expect(notes).toEqual(['V1 layers became V2 layers']);
    writeFileSync(path, 'layer { name: "a" }');
    files.readNetFile(path, { onUpgrade: () => expect.fail('nothing was upgraded') });
  });

  it('reads a comment in an old encoding', () => {
    const path = join(folder, 'latin1.prototxt');
    writeFileSync(path, Buffer.from('# Gr\u00f6\u00dfe\nname: "a"', 'latin1'));
    expect(files.readNetFile(path).name).toBe('a');
  });

  it.skipIf(absent('golden', 'files'))("reads Caffe's mean file", () => {
    expect(blobValues(files.readBlobFile(shared('golden/files/mean.binaryproto')))).toHaveLength(3072);
  });

  it('names what cannot be read', () => {
    const missing = join(folder, 'none.caffemodel');
    expect(() => files.readWeightsFile(missing)).toThrow(`${missing}: does not exist; check the path`);
    expect(() => files.readNetFile(folder)).toThrow(`${folder}: is a folder, not a file; give the path of a file`);
    writeFileSync(missing, '');
    expect(() => files.readWeightsFile(missing)).toThrow(`${missing}: is empty; download or write the file again`);
    writeFileSync(missing, Buffer.from([10, 1, 65]));
    expect(() => files.readWeightsFile(missing)).toThrow(`${missing}: holds no layer: it is not a net in binary form`);
  });
});

describe('writeFileAtomic', () => {
  it.each([
    ['ENOSPC', 'the disk is full; free some space or give another folder'],
    ['EDQUOT', 'the disk quota is used up; free some space or give another folder'],
  ])('on %s keeps the old file and leaves nothing else', (code, words) => {
    const path = join(folder, 'a.caffemodel');
    files.writeWeightsFile(path, weights());
    const old = readFileSync(path);
    fault.code = code;
    fault.afterBytes = 10;
    const write = () => files.writeWeightsFile(path, weights(), { format: 'bvlc' });
    expect(write).toThrow(CaffeError);
    expect(write).toThrow(`${path}: cannot be written: ${words}`);
    expect(readFileSync(path)).toEqual(old);
    expect(readdirSync(folder)).toEqual(['a.caffemodel']);
  });

  it('goes on after a write that took only a part', () => {
    const path = join(folder, 'a.bin');
    fault.code = 'PART';
    fault.afterBytes = 2;
    expect(() => files.writeFileAtomic(path, [Uint8Array.of(1, 2, 3), Uint8Array.of(4)])).toThrow('PART: write');
    fault.code = undefined;
    files.writeFileAtomic(path, [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4)]);
    expect([...readFileSync(path)]).toEqual([1, 2, 3, 4]);
  });

  it('names a folder that does not exist', () => {
    const path = join(folder, 'x', 'a.bin');
    expect(() => files.writeFileAtomic(path, 'a')).toThrow(
      `${path}: cannot be written: the folder ${join(folder, 'x')} does not exist; make the folder first`,
    );
  });

  it('names a target that is a folder, and leaves nothing beside it', () => {
    expect(() => files.writeFileAtomic(folder, 'a')).toThrow(CaffeError);
    expect(existsSync(folder)).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('writes to a device without replacing it', () => {
    files.writeFileAtomic('/dev/null', 'a');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(() => files.writeFileAtomic('/dev/full', 'a')).toThrow('/dev/full: cannot be written: the disk is full');
  });

  it('keeps the permissions of the file it replaces', () => {
    const path = join(folder, 'a.bin');
    files.writeFileAtomic(path, 'a');
    chmodSync(path, 0o666);
    files.writeFileAtomic(path, 'b');
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  it('writes through a symbolic link to the file it names', () => {
    const path = join(folder, 'a.bin');
    files.writeFileAtomic(path, 'a');
    symlinkSync(path, join(folder, 'link'));
    files.writeFileAtomic(join(folder, 'link'), 'b');
    expect(readFileSync(path, 'utf8')).toBe('b');
  });
});

it('times loading against reading (a small sample)', () => {
  const path = join(folder, 'sample.caffemodel');
  files.writeSampleModel(path, 0.5);
  const timing = files.timeProtoLoad(path, 1);
  expect(timing.bytes).toBeGreaterThan(4e5);
  expect(timing.ratio).toBeCloseTo(timing.loadMs / timing.readMs);
});
