import { describe, expect, it } from 'vitest';
import type { HostBlock } from '../host-memory.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { type Heap, heapAllocator } from './allocator.ts';

/** A heap of `most` bytes at most, over plain memory; `refuseAbove` plays a machine that is out of memory. */
function plainHeap(most: number, refuseAbove = most): Heap {
  const buffer = new ArrayBuffer(most);
  let length = 4096;
  return {
    maximumBytes: most,
    get byteLength() {
      return length;
    },
    buffer: () => buffer,
    grow(byteLength) {
      if (byteLength > refuseAbove) throw new RangeError('refused');
      length = byteLength;
    },
  };
}

const bytesOf = (block: HostBlock): Uint8Array => new Uint8Array(block.buffer, block.byteOffset, block.byteLength);

describe('heap allocator', () => {
  it('gives aligned, zeroed blocks that do not overlap, through random use (seed 7)', () => {
    const random = seededRandom(7);
    const heap = plainHeap(1 << 22);
    const memory = heapAllocator(heap, 100);
    const live: { block: HostBlock; mark: number }[] = [];
    let used = 0;
    let peak = 0;
    const rounded = (bytes: number): number => Math.ceil(Math.max(1, bytes) / 64) * 64;
    for (let step = 1; step <= 3000; step++) {
      if (live.length > 0 && random.uniform(0, 1) < 0.48) {
        const [{ block, mark }] = live.splice(random.integer(live.length), 1) as [(typeof live)[number]];
        expect(bytesOf(block).every((byte) => byte === mark)).toBe(true);
        memory.free(block);
        used -= rounded(block.byteLength);
      } else {
        const block = memory.allocate(random.integer(2000));
        expect(block.byteOffset % 64).toBe(0);
        expect(block.byteOffset).toBeGreaterThanOrEqual(100);
        expect(block.byteOffset + block.byteLength + 256).toBeLessThanOrEqual(heap.byteLength);
        expect(bytesOf(block).every((byte) => byte === 0)).toBe(true);
        const mark = 1 + (step % 255);
        bytesOf(block).fill(mark);
        live.push({ block, mark });
        used += rounded(block.byteLength);
        peak = Math.max(peak, used);
      }
      expect(memory.usedBytes).toBe(used);
    }
    expect(memory.peakBytes).toBe(peak);
  });

  it('joins what is freed, in any order, and uses it again', () => {
    const memory = heapAllocator(plainHeap(16_384), 0);
    const blocks = [0, 1, 2, 3, 4].map(() => memory.allocate(3072));
    for (const i of [1, 3, 2, 0, 4]) memory.free(blocks[i]!);
    expect(memory.usedBytes).toBe(0);
    expect(memory.allocate(16_000).byteOffset).toBe(0);
  });

  it('says what is needed and what there is when the memory is full', () => {
    const memory = heapAllocator(plainHeap(4 * 2 ** 20), 0);
    memory.allocate(3 * 2 ** 20);
    expect(() => memory.allocate(2 * 2 ** 20)).toThrow(
      "needs 2.00 MiB more, 5.00 MiB in all; the CPU backend's WebAssembly memory holds 4.00 MiB at most; " +
        'use a smaller batch or another backend',
    );
    expect(memory.usedBytes).toBe(3 * 2 ** 20);
  });

  it('says so when the machine refuses to give the memory', () => {
    const memory = heapAllocator(plainHeap(4 * 2 ** 20, 2 ** 20), 0);
    expect(() => memory.allocate(2 ** 21)).toThrow('this machine refused to give it more than 0.00 MiB');
    expect(memory.allocate(2 ** 19).byteLength).toBe(2 ** 19);
  });

  it('refuses to free a block twice', () => {
    const memory = heapAllocator(plainHeap(65_536), 0);
    const block = memory.allocate(100);
    memory.allocate(100);
    memory.free(block);
    expect(() => memory.free(block)).toThrow('was freed twice');
  });
});
