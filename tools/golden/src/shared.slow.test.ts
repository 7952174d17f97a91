import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allLayers, type FoundCase, findCases, type Outcome, outcomeText, runCase } from './index.ts';

const shared = process.env.JACINTO_SHARED ?? resolve(import.meta.dirname, '../../../../shared');
const absent = `(skipped where ${shared} is absent)`;
const pictures = mkdtempSync(join(tmpdir(), 'jacinto-golden-pictures-'));
let backend: Backend;
beforeAll(async () => {
  backend = await createCpuBackend();
});
afterAll(async () => {
  await backend?.dispose();
  rmSync(pictures, { recursive: true, force: true });
});

async function outcomesOf(folder: string, dataFolder?: string, keep = (_: FoundCase) => true): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const context = { backend, registry: allLayers(), dataFolder };
  for (const found of findCases(folder).filter(keep)) outcomes.push(await runCase(found, context));
  return outcomes;
}

const textOf = (outcomes: readonly Outcome[], status: Outcome['status']) =>
  outcomes.filter((one) => one.status === status).map(outcomeText);

describe.skipIf(!existsSync(join(shared, 'golden', 'layers')))(`what real Caffe computed ${absent}`, () => {
  it('layers', { timeout: 120_000 }, async () => {
    const outcomes = await outcomesOf(join(shared, 'golden', 'layers'));
    expect(textOf(outcomes, 'failed')).toEqual([]);
    expect(outcomes.filter(({ status }) => status === 'passed').length).toBeGreaterThanOrEqual(100);
    for (const { name, worst } of outcomes) expect(worst?.error ?? 0, name).toBeLessThanOrEqual(1e-5);
  });

  it('data layers, training runs and files', { timeout: 120_000 }, async () => {
    unpackPictures();
    const outcomes = await outcomesOf(join(shared, 'golden', 'files'), pictures);
    expect(textOf(outcomes, 'failed')).toEqual([]);
    const passed = outcomes.filter(({ status }) => status === 'passed').map(({ name }) => name);
    for (const run of ['sgd', 'sgd_l1', 'sgd_poly', 'sgd_clip', 'sgd_multistep']) {
      expect(passed).toContain(`solver_${run}/solver`);
    }
    expect(passed).toContain('solver_sgd/resume');
    expect(passed.filter((name) => name.startsWith('dumps/')).length).toBeGreaterThanOrEqual(6);
  });
});

describe.skipIf(!existsSync(join(shared, 'models')))(`real models ${absent}`, () => {
  it('give the recorded blobs; broken files are refused', { timeout: 120_000 }, async () => {
    const outcomes = await outcomesOf(join(shared, 'models'));
    expect(textOf(outcomes, 'failed')).toEqual([]);
    const passed = outcomes.filter(({ status }) => status === 'passed').map(({ name }) => name);
    for (const model of [
      'lenet_v1',
      'cifar10_quick_v1',
      'resnet20_cifar10',
      'resnet20_cifar10_nv_fp16',
      'jacinto_cifar10_jacintonet11v2',
    ]) {
      expect(passed).toContain(model);
    }
    expect(passed.filter((name) => name.startsWith('broken/')).length).toBeGreaterThanOrEqual(4);
  });
});

describe.skipIf(!existsSync(join(shared, 'golden', 'jacinto')))(`what caffe-jacinto 0.17 computed ${absent}`, () => {
  it('sparse, quantized and merged nets, its own layers', { timeout: 240_000 }, async () => {
    const folder = join(shared, 'golden', 'jacinto');
    const outcomes = await outcomesOf(folder, join(shared, 'golden', 'files'));
    expect([...textOf(outcomes, 'failed'), ...textOf(outcomes, 'missing')]).toEqual([]);
    const counts = new Map<string, number>();
    for (const { kind } of findCases(folder)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const expected = {
      estimate: 1,
      layer: 65,
      optimize: 16,
      quantize: 32,
      test: 3,
      threshold: 19,
      training: 5,
      trim: 1,
    };
    for (const [kind, count] of Object.entries(expected)) expect(counts.get(kind), kind).toBeGreaterThanOrEqual(count);
  });
});

/** The pictures that the image lists name: beside the shared databases there is only the zip of all of them. */
function unpackPictures(): void {
  const zip = join(shared, 'data', 'cifar10-train.zip');
  if (!existsSync(zip)) return;
  const names = new Set(
    readFileSync(join(shared, 'golden', 'files', 'list.txt'), 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[0]!),
  );
  const files = unzipSync(readFileSync(zip), { filter: ({ name }) => names.has(name) });
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(pictures, dirname(name)), { recursive: true });
    writeFileSync(join(pictures, name), bytes);
  }
}
