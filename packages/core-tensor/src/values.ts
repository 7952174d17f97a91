import type { Backend } from './backend.ts';
import { bytesPerValue, type DataType, type HostArray, viewOf } from './data-type.ts';
import type { HostBlock } from './host-memory.ts';
import type { SharedMemory } from './shared-memory.ts';

/**
 * An array of values in up to two places: plain on the host (C order), and the backend's own copy in whatever layout
 * it likes (Caffe's SyncedMemory). Each place knows whether it is current. Memory is taken on first use, zero filled.
 */
export class Values {
  readonly backend: Backend;
  readonly dataType: DataType;
  /** The backend's own copy; only the backend touches it. Undefined on backends that compute in host memory. */
  device: unknown;
  private length = 0;
  private lender: SharedMemory | undefined;
  private block: HostBlock | undefined;
  private view: HostArray | undefined;
  private newest: 'host' | 'device' | 'both' = 'host';
  private changeCount = 0;

  constructor(backend: Backend, count = 0, dataType: DataType = 'f32') {
    this.backend = backend;
    this.dataType = dataType;
    this.length = count;
  }

  get count(): number {
    return this.length;
  }

  /** Whether memory was taken yet (a gradient nobody asked for never takes any). */
  get isAllocated(): boolean {
    return this.block !== undefined || this.device !== undefined;
  }

  /** Changes the count. Memory is kept where it suffices; values beyond what was there are unspecified. */
  resize(count: number): void {
    if (count === this.length) return;
    this.changeCount++;
    this.length = count;
    this.view = undefined;
    const most = this.lender?.byteLength ?? this.block?.byteLength;
    if (most !== undefined && count * bytesPerValue[this.dataType] > most) this.release();
  }

  /** Memory it uses in turn with others; undefined: its own. */
  get shared(): SharedMemory | undefined {
    return this.lender;
  }

  /** Uses that memory, until it no longer suffices; undefined: its own again. The values are then unspecified. */
  useShared(memory: SharedMemory | undefined): void {
    if (memory === this.lender) return;
    this.release();
    if (memory === undefined || this.length * bytesPerValue[this.dataType] <= memory.byteLength) this.lender = memory;
  }

  /**
   * Counts what may have changed the values: views for writing, addresses given to kernels, memory taken or freed. While
   * it stands still, what was derived from the values (weights packed for a kernel) holds.
   */
  get changes(): number {
    return this.changeCount;
  }

  /** Host values, current. Synchronous: only where `backend.synchronous`; elsewhere use `read()`. */
  hostRead<T extends HostArray = Float32Array>(): T {
    if (this.newest === 'device') {
      this.backend.download(this);
      this.newest = 'both';
    }
    return this.hostView() as T;
  }

  /** Host values to be overwritten entirely, before the next operation; what the backend holds becomes stale. */
  hostWrite<T extends HostArray = Float32Array>(): T {
    this.newest = 'host';
    this.changeCount++;
    return this.hostView() as T;
  }

  /** Host values to be read and changed, before the next operation. */
  hostUpdate<T extends HostArray = Float32Array>(): T {
    const view = this.hostRead<T>();
    this.newest = 'host';
    this.changeCount++;
    return view;
  }

  /** Host values, current, on every backend: at once where the backend is synchronous, else a promise. */
  read<T extends HostArray = Float32Array>(): T | Promise<T> {
    if (this.newest !== 'device' || this.backend.synchronous) return this.hostRead<T>();
    return this.backend.downloadAsync(this).then(() => {
      this.newest = 'both';
      return this.hostView() as T;
    });
  }

  /**
   * Byte offset in the backend's host memory, for kernels that compute there. Does not bring values up to date. Counts
   * as a change; `readAddress` is for kernels that only read.
   */
  get address(): number {
    this.changeCount++;
    return this.hostBlock().byteOffset;
  }

  get readAddress(): number {
    return this.hostBlock().byteOffset;
  }

  /** For backends with their own copy: which place is current. */
  get place(): 'host' | 'device' | 'both' {
    return this.newest;
  }

  /** For backends with their own copy: says which place an operation has just made current. */
  markCurrent(place: 'host' | 'device' | 'both'): void {
    this.newest = place;
    this.changeCount++;
  }

  /** Frees the memory; a later use takes new, zeroed memory. */
  release(): void {
    if (this.block !== undefined && this.lender === undefined) this.backend.host.free(this.block);
    if (this.device !== undefined) this.backend.releaseDevice(this);
    this.lender = undefined;
    this.block = undefined;
    this.view = undefined;
    this.device = undefined;
    this.newest = 'host';
    this.changeCount++;
  }

  private hostBlock(): HostBlock {
    this.block ??=
      this.lender?.block() ?? this.backend.host.allocate(Math.max(1, this.length) * bytesPerValue[this.dataType]);
    return this.block;
  }

  private hostView(): HostArray {
    if (this.view === undefined) {
      const block = this.hostBlock();
      this.view = viewOf(this.dataType, block.buffer, block.byteOffset, this.length);
    }
    return this.view;
  }
}
