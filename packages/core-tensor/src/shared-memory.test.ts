import { describe, expect, it } from 'vitest';
import { createReferenceBackend } from './reference/reference-backend.ts';
import { SharedMemory } from './shared-memory.ts';
import { Values } from './values.ts';

describe('memory that values use in turn', () => {
  const backend = createReferenceBackend();
  const { host } = backend;

  it('is one for all, taken once, and not theirs to free', () => {
    const used = host.usedBytes;
    const memory = new SharedMemory(host, 16);
    const [a, b] = [new Values(backend, 4), new Values(backend, 2)];
    for (const values of [a, b]) values.useShared(memory);
    expect(host.usedBytes).toBe(used);
    a.hostWrite().set([1, 2, 3, 4]);
    expect([...b.hostRead()]).toEqual([1, 2]);
    expect([host.usedBytes - used, memory.takenBytes]).toEqual([16, 16]);
    a.release();
    expect([a.shared, host.usedBytes - used]).toEqual([undefined, 16]);
    b.useShared(undefined);
    memory.release();
    expect([host.usedBytes, memory.takenBytes]).toEqual([used, 0]);
  });

  it('is left by values that outgrow it, or never fitted', () => {
    const memory = new SharedMemory(host, 16);
    const values = new Values(backend, 3);
    values.useShared(memory);
    values.resize(4);
    expect(values.shared).toBe(memory);
    values.resize(5);
    expect(values.shared).toBeUndefined();
    expect([...values.hostRead()]).toEqual([0, 0, 0, 0, 0]);
    values.useShared(memory);
    expect(values.shared).toBeUndefined();
    expect(memory.takenBytes).toBe(0);
  });

  it('gives way to memory that values had before', () => {
    const used = host.usedBytes;
    const values = new Values(backend, 2);
    values.hostWrite().fill(1);
    values.useShared(new SharedMemory(host, 8));
    expect(host.usedBytes).toBe(used);
  });
});
