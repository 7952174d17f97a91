import { afterEach, describe, expect, it } from 'vitest';
import { Values } from '../values.ts';
import { createCpuBackend } from './cpu-backend.ts';
import { type Engine, startEngine } from './engine.ts';
import { startWorkers } from './worker.ts';

const engines: Engine[] = [];
async function start(threads: number, relaxedSimd: 'auto' | false = 'auto'): Promise<Engine> {
  const engine = await startEngine(threads, relaxedSimd);
  engines.push(engine);
  return engine;
}

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose();
});

/** A block of memory filled by the kernel `fill`, in blocks of `grain` values. */
function filled(engine: Engine, count: number, grain: number, value: number): Float32Array {
  const block = engine.host.allocate(4 * count);
  const job = engine.job('fill', ['y', 'value'], count, grain);
  job.address.y = block.byteOffset;
  job.f32.value = value;
  job.run();
  return new Float32Array(block.buffer, block.byteOffset, count);
}

describe('engine', () => {
  it.each([1, 2, 3, 5])('runs every block of a job once on %i threads, thousands of times', async (threads) => {
    const engine = await start(threads);
    expect(engine.threads).toBe(threads);
    const y = engine.host.allocate(4 * 1000);
    const values = new Float32Array(y.buffer, y.byteOffset, 1000);
    const job = engine.job('fill', ['y', 'value'], 1000, 7);
    job.address.y = y.byteOffset;
    for (let i = 0; i < 3000; i++) {
      job.f32.value = i;
      job.run();
      for (let j = i % 13; j < 1000; j += 13) if (values[j] !== i) throw new Error(`value ${j} of run ${i}`);
    }
  });

  it('runs the first so many items when told', async () => {
    const engine = await start(2);
    const y = engine.host.allocate(4 * 100);
    const job = engine.job('fill', ['y', 'value'], 100, 3);
    job.address.y = y.byteOffset;
    job.f32.value = 1;
    job.run(50);
    job.run(0);
    const values = new Float32Array(y.buffer, y.byteOffset, 100);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(50);
  });

  it('grows its memory while workers use it', async () => {
    const engine = await start(2);
    for (let i = 1; i <= 24; i++) {
      const values = filled(engine, i * 2 ** 18, 1024, i);
      for (let at = 0; at < values.length; at += 1024) if (values[at] !== i) throw new Error(`value ${at}`);
    }
    expect(engine.host.usedBytes).toBeGreaterThan(300 * 2 ** 20);
  });

  it.each([1, 2])('reports a kernel that reaches outside memory and goes on (%i threads)', async (threads) => {
    const engine = await start(threads);
    const job = engine.job('fill', ['y', 'value'], 4000, 10);
    job.address.y = 0xff00_0000;
    for (let i = 0; i < 20; i++) expect(() => job.run()).toThrow('the kernel "fill" reached outside its memory');
    expect(filled(engine, 1000, 10, 3).every((value) => value === 3)).toBe(true);
  });

  it('goes on with the threads there are where workers cannot start', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    expect(await startWorkers({} as WebAssembly.Module, memory, 2)).toEqual([]);
  });

  it('names a kernel that does not exist', async () => {
    const engine = await start(1);
    expect(() => engine.job('nonsense', [], 1, 1)).toThrow('there is no kernel "nonsense"');
  });

  it('enlarges workspaces, one a thread and one for all', async () => {
    const engine = await start(2);
    engine.reserveWorkspace({ perThread: 1000, shared: 500 });
    const used = engine.host.usedBytes;
    engine.reserveWorkspace({ perThread: 900, shared: 400 });
    expect(engine.host.usedBytes).toBe(used);
    engine.reserveWorkspace({ shared: 100_000 });
    expect(engine.host.usedBytes).toBeGreaterThan(used + 99_000);
    expect(engine.sharedWorkspace() % 64).toBe(0);
  });
});

describe('createCpuBackend', () => {
  it('says what it runs on', async () => {
    const backend = await createCpuBackend({ threads: 2, relaxedSimd: false });
    expect(backend.description).toBe('WebAssembly kernels with SIMD, 2 threads');
    await backend.dispose();
    const single = await createCpuBackend({ threads: 1 });
    expect(single.description).toMatch(/^WebAssembly kernels with (relaxed )?SIMD.*, 1 thread$/);
    await single.dispose();
    await single.dispose();
  });

  it.each([0, 257, 1.5, Number.NaN])('refuses %d threads', async (threads) => {
    await expect(createCpuBackend({ threads })).rejects.toThrow(`threads is ${threads}; use 1 to 256`);
  });

  it('says how much a tensor too large would need', async () => {
    const backend = await createCpuBackend({ threads: 1 });
    const values = new Values(backend, 2 ** 30 + 1);
    expect(() => values.address).toThrow(/^needs 4096 MiB more, .* holds 4096 MiB at most; use a smaller batch/);
    await backend.dispose();
  });
});
