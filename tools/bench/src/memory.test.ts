import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCpuBackend } from '@jacinto/core-tensor';
import { writeWeightsFile } from '@jacinto/proto/node';
import { afterAll, expect, it } from 'vitest';
import { readFloats, writeFloats } from './floats.ts';
import type { MeasuredMemory, MemoryJob } from './memory-child.ts';
import { deployedNet, pixelsOf } from './nets/deployed.ts';
import { NetText } from './nets/net-text.ts';
import { Child } from './peers/child.ts';
import { processMemory } from './process-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-memory-'));
const file = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('knows what this process has taken', () => {
  const before = processMemory();
  expect(before.now).toBeGreaterThan(2 ** 24);
  const held = Buffer.alloc(64 * 2 ** 20, 1);
  const after = processMemory();
  expect(held[0]).toBe(1);
  expect(after.peak).toBeGreaterThanOrEqual(after.now);
  expect(after.now - before.now).toBeGreaterThan(48 * 2 ** 20);
});

async function measured(job: MemoryJob): Promise<MeasuredMemory> {
  const script = fileURLToPath(new URL('../dist/memory-child.js', import.meta.url)); // as built: node reads no TypeScript
  const child = await Child.start(process.execPath, [script, JSON.stringify(job)]);
  if ('absent' in child) throw new Error(child.absent);
  child.end();
  return child.hello as unknown as MeasuredMemory;
}

it('measures a net with blobs that take turns and without', async () => {
  const text = new NetText('four in a row', [1, 8, 96, 96]);
  let top = 'data';
  for (const name of ['a', 'b', 'c', 'd']) top = text.conv(name, top, { output: 8, kernel: 3 });
  const backend = await createCpuBackend({ threads: 1 });
  const net = await deployedNet(text.toString(), backend);
  const pixels = pixelsOf([1, 8, 96, 96]);
  writeFileSync(file('net.prototxt'), text.toString());
  writeWeightsFile(file('net.caffemodel'), net.toProto());
  writeFloats(file('input'), pixels);
  net.inputs[0]!.tensor.data.hostWrite().set(pixels);
  await net.forward();
  const files = { prototxt: file('net.prototxt'), weights: file('net.caffemodel'), input: file('input') };
  const job = { backend: 'cpu', output: file('output'), ...files } as const;
  const kept = await measured({ ...job, turns: false });
  const turns = await measured({ ...job, turns: true });
  expect([...readFloats(file('output'))]).toEqual([...net.outputs[0]!.tensor.data.hostRead()]);
  await net.dispose();
  await backend.dispose();

  const blob = 4 * pixels.length; // c lies where a was
  expect(kept.net.data - turns.net.data).toBe(blob);
  expect(kept.backendPeak - turns.backendPeak).toBeGreaterThanOrEqual(blob);
  for (const { before, peak, backendPeak, net } of [kept, turns]) {
    expect(backendPeak).toBeGreaterThan(net.data + net.params);
    expect(peak).toBeGreaterThan(before);
  }
});
