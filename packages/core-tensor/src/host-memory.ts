/** A piece of host memory. It never moves; its bytes are zero when allocated. */
export interface HostBlock {
  readonly buffer: ArrayBufferLike;
  /** Offset in `buffer`, a multiple of 64. On the CPU backend this is the kernels' address. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Where a backend's host values live: one shared WebAssembly heap, or plain arrays in the reference backend. */
export interface HostMemory {
  /** @throws CaffeError code 'limit' where the memory cannot hold it; the message states the need and the limit. */
  allocate(byteLength: number): HostBlock;
  free(block: HostBlock): void;
  /** Bytes now in use, and the most that were in use at once. */
  readonly usedBytes: number;
  readonly peakBytes: number;
}

/** Plain arrays, for the reference backend and for tests. */
export function plainHostMemory(): HostMemory {
  let used = 0;
  let peak = 0;
  return {
    allocate(byteLength) {
      used += byteLength;
      peak = Math.max(peak, used);
      return { buffer: new ArrayBuffer(byteLength), byteOffset: 0, byteLength };
    },
    free(block) {
      used -= block.byteLength;
    },
    get usedBytes() {
      return used;
    },
    get peakBytes() {
      return peak;
    },
  };
}
