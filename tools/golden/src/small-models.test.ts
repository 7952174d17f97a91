import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allLayers, findCases, outcomeText, runCase } from './index.ts';

const recorded = resolve(
  import.meta.dirname,
  process.env['JACINTO_SHARED'] ?? '../../../../shared',
  'golden',
  'jacinto',
);
const context = { backend: createReferenceBackend(), registry: allLayers() };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jacinto-golden-small-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function outcomes(): Promise<string[]> {
  const lines: string[] = [];
  for (const found of findCases(folder)) lines.push(outcomeText(await runCase(found, context)));
  return lines;
}

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const writeFloats = (name: string, ...values: number[]) =>
  writeFileSync(join(folder, name), new Uint8Array(Float32Array.from(values).buffer));

describe('functions', () => {
  const estimate = (scale: number) => [
    {
      ...{ min: -2, max: 1, bitwidth: 8, power2: true, unsigned_data: false, apply_offset: false, scale_applied: 1 },
      out: {
        ...{
          scale_target: scale,
          shiftbits: -6,
          offset: 0,
          fracbits: 0,
          bitwidth: 8,
          min: -2,
          max: 1,
          scale_applied: 1,
        },
        ...{ unsigned_data: false, unsigned_quant: false },
      },
    },
  ];

  it('estimate: right, and wrong by one bit', async () => {
    write('a.json', JSON.stringify(estimate(64)));
    expect(await outcomes()).toEqual(['passed   a  0 in row 0']);
    write('a.json', JSON.stringify(estimate(64.000008)));
    expect((await outcomes())[0]).toMatch(/^failed {3}a {2}1\.2e-7 in row 0 {2}wrong: row 0/);
  });

  it('trim: both roundings, right and wrong', async () => {
    const row = { bitwidth: 8, scale: 2, offset: 0, unsigned_quant: false, clip: true, cpu: 2, gpu: 4 };
    write('t.json', JSON.stringify({ values: { shape: [2], data: 0 }, rows: [row] }));
    writeFloats('t.bin', 0.25, 1.3, 0.5, 1.5, 0, 1.5);
    expect(await outcomes()).toEqual(['passed   t  0 in row 0 cpu']);
    writeFloats('t.bin', 0.25, 1.3, 0, 1.5, 0, 1.5);
    expect((await outcomes())[0]).toMatch(/^failed {3}t .*wrong: row 0 cpu/);
  });

  it('threshold: right, and with one zero too few', async () => {
    const shape = [32, 1, 3, 3];
    const before = Array.from({ length: 288 }, (_, i) => 1 + (i % 9));
    const after = before.map((value) => (value <= 4 ? 0 : value));
    const conv = 'convolution_param { num_output: 32 kernel_size: 3 }';
    write('w.prototxt', `layer { name: "c" type: "Convolution" bottom: "x" top: "c" ${conv} }`);
    const fractions = { fraction_low: 0.5, fraction_mid: 1, fraction_high: 1, maxratio: 1, value_max: 100 };
    const sparsity = Math.fround(128 / 288);
    const recordedCase = {
      ...{ ...fractions, sparsity, connectivity_sparsity: sparsity },
      weights_after: [{ layer: 'c', shape, data: 288, zeros: 128 }],
    };
    write('w.json', JSON.stringify({ weights_before: [{ layer: 'c', shape, data: 0 }], cases: [recordedCase] }));
    writeFloats('w.bin', ...before, ...after);
    expect(await outcomes()).toEqual(['passed   w  0 in case 0: c']);
    writeFloats('w.bin', ...before, 1, ...after.slice(1));
    expect((await outcomes())[0]).toMatch(/^failed {3}w .*wrong: case 0: c/);
  });
});

describe.skipIf(!existsSync(recorded))('recorded nets (skipped where ../shared is absent)', () => {
  // The materials are read-only; the copies must not be.
  const copy = (from: string, to: string) =>
    cpSync(join(recorded, from), join(folder, to), { recursive: true, mode: 0 });
  const edit = (file: string, from: string, to: string) => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toContain(from);
    rmSync(join(folder, file));
    write(file, text.replace(from, to));
  };

  it('optimize: a changed file is noticed', async () => {
    for (const file of ['before', 'after', 'in_memory'])
      for (const ending of ['json', 'bin']) copy(`optimize/bn3/${file}.${ending}`, `${file}.${ending}`);
    for (const file of ['before.prototxt', 'before.caffemodel', 'after.prototxt', 'after.caffemodel'])
      copy(`optimize/bn3/${file}`, file);
    expect((await outcomes())[0]).toMatch(/^passed /);
    edit('after.prototxt', 'name: "c"', 'name: "d"');
    expect((await outcomes())[0]).toMatch(/^failed .*the prototxt is not that of after\.prototxt/);
  });

  it('quantize: a changed scale, a changed log line are noticed', async () => {
    mkdirSync(join(folder, 'q'));
    for (const ending of ['json', 'bin', 'log', 'prototxt', 'out.prototxt'])
      copy(`quantize/bits8.${ending}`, `q/bits8.${ending}`);
    expect((await outcomes())[0]).toMatch(/^passed {3}q\/bits8/);
    edit('q/bits8.out.prototxt', 'bitwidth: 8', 'bitwidth: 9');
    expect((await outcomes())[0]).toMatch(/^failed .*the saved prototxt differs/);
    edit('q/bits8.log', 'Enabling quantization at output', 'Enabling quantisation at output');
    expect((await outcomes())[0]).toMatch(/^failed .*the log lines differ/);
  });
});
