import { CaffeError } from '@jacinto/proto/errors';
import type { HostBlock, HostMemory } from '../host-memory.ts';

/** The memory that an allocator hands out: grows, never shrinks or moves. */
export interface Heap {
  /** Bytes there are now. */
  readonly byteLength: number;
  readonly maximumBytes: number;
  /** The buffer as it is now; older ones stay valid for what they covered. */
  buffer(): ArrayBufferLike;
  /** Makes it at least so long. @throws anything where the engine refuses. */
  grow(byteLength: number): void;
}

/** Cache lines; also what the widest vector load of any engine wants. */
const alignment = 64;
/** Kernels may load (never store) a few vectors past the end of a block. */
const slack = 256;

interface Range {
  start: number;
  end: number;
}

const roundUp = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 23 ? 2 : 0)} MiB`;

/**
 * Best-fit allocator with coalescing free ranges, from `start` of a heap. Blocks are zeroed, 64-byte aligned and never
 * move. It runs on the thread that owns the backend only.
 */
export function heapAllocator(heap: Heap, start: number): HostMemory {
  const free: Range[] = []; // by address; no two touch
  let top = roundUp(start); // nothing was ever handed out from here on: these bytes are still zero
  let used = 0;
  let peak = 0;

  function takeFree(length: number): number | undefined {
    let best = -1;
    for (let i = 0; i < free.length; i++) {
      const room = free[i]!.end - free[i]!.start;
      if (room >= length && (best < 0 || room < free[best]!.end - free[best]!.start)) best = i;
    }
    if (best < 0) return undefined;
    const range = free[best]!;
    const at = range.start;
    range.start += length;
    if (range.start === range.end) free.splice(best, 1);
    return at;
  }

  function takeTop(length: number, asked: number): number {
    // A free range that ends at the top is extended rather than left behind.
    const last = free.at(-1);
    const at = last?.end === top ? last.start : top;
    const end = at + length + slack;
    if (end > heap.byteLength) {
      const wanted = Math.min(heap.maximumBytes, Math.max(end, heap.byteLength + Math.min(heap.byteLength, 2 ** 28)));
      if (end > heap.maximumBytes) throw outOfMemory(asked);
      try {
        heap.grow(wanted);
      } catch {
        try {
          heap.grow(end);
        } catch (cause) {
          throw outOfMemory(asked, cause);
        }
      }
    }
    if (at !== top) free.pop();
    top = at + length;
    return at;
  }

  function outOfMemory(asked: number, cause?: unknown): CaffeError {
    return new CaffeError(
      {
        code: 'limit',
        problem:
          `needs ${mebibytes(asked)} more, ${mebibytes(used + asked)} in all; ` +
          `the CPU backend's WebAssembly memory holds ${mebibytes(heap.maximumBytes)} at most` +
          (cause === undefined ? '' : ` and this machine refused to give it more than ${mebibytes(heap.byteLength)}`),
        fix: 'use a smaller batch or another backend',
      },
      { cause },
    );
  }

  return {
    allocate(byteLength) {
      const length = roundUp(Math.max(1, byteLength));
      const dirtyEnd = top;
      const byteOffset = takeFree(length) ?? takeTop(length, byteLength);
      const buffer = heap.buffer();
      if (byteOffset < dirtyEnd) new Uint8Array(buffer, byteOffset, Math.min(length, dirtyEnd - byteOffset)).fill(0);
      used += length;
      peak = Math.max(peak, used);
      return { buffer, byteOffset, byteLength };
    },
    free(block: HostBlock) {
      const start = block.byteOffset;
      const end = start + roundUp(Math.max(1, block.byteLength));
      let at = 0;
      for (let high = free.length; at < high; ) {
        const middle = (at + high) >> 1;
        if (free[middle]!.start < start) at = middle + 1;
        else high = middle;
      }
      const before = free[at - 1];
      const after = free[at];
      if ((before !== undefined && before.end > start) || (after !== undefined && after.start < end) || end > top) {
        throw new CaffeError({ code: 'internal', problem: `the block at ${start} was freed twice` });
      }
      used -= end - start;
      const joinsBefore = before?.end === start;
      const joinsAfter = after?.start === end;
      if (joinsBefore && joinsAfter) {
        before!.end = after!.end;
        free.splice(at, 1);
      } else if (joinsBefore) before!.end = end;
      else if (joinsAfter) after!.start = start;
      else free.splice(at, 0, { start, end });
    },
    get usedBytes() {
      return used;
    },
    get peakBytes() {
      return peak;
    },
  };
}
