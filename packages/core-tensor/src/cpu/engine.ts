import { CaffeError } from '@jacinto/proto/errors';
import type { HostBlock, HostMemory } from '../host-memory.ts';
import { type Heap, heapAllocator } from './allocator.ts';
import { loadModule, type RelaxedSimd } from './load-module.ts';
import { growthAddress, type PoolExports, startWorkers, tabulate } from './worker.ts';

// How to add a kernel `foo` (fill.ts and assembly/fill.ts are the pattern):
// 1. assembly/foo.ts exports `foo(args: usize, begin: i32, end: i32, thread: i32): void`. `args` points to 4-byte words;
//    an @unmanaged class names them (usize, i32, f32 fields only). It does items begin ≤ i < end, allocates nothing and
//    has no static data (no arrays, no strings). Scratch: threadWorkspace(thread), sharedWorkspace() of control.ts.
//    Loads may run up to 256 bytes past the end of a block of memory; stores may not.
// 2. assembly/index.ts: `export * from './foo';`
// 3. src/cpu/foo.ts: `export function fooOn(engine: Engine): Operations['foo']` checks the spec, makes its jobs by
//    `engine.job('foo', ['x', 'y', …in the class's order], items, grain)` and returns an object whose methods only set
//    words (`job.address.x = …` is one store) and call `job.run()`.
// 4. cpu-backend.ts: `foo: fooOn(engine)`.
// A job runs in blocks of `grain` items, in any order on any thread; the blocks never depend on the number of threads.
// So anything that sums across items must keep one partial result a block, or have the item be the thing summed.
// A grain should be worth 5 µs at least: `elementGrain` for one pass over values.

/** Values a block of a simple pass over memory. */
export const elementGrain = 16_384;

const controlEnd = 65_536;
const pageBytes = 65_536;
const maximumPages = 65_536;

// Addresses in assembly/control.ts.
const control = { maySleep: 268, growth: growthAddress, threadWorkspace: 384, threadBytes: 388, sharedWorkspace: 392 };

/** A kernel with its argument block, prepared once and run often. Words are set by name; values stay until set again. */
export interface Job<Slot extends string> {
  /** Addresses and other whole numbers from 0. */
  readonly address: Record<Slot, number>;
  /** Signed whole numbers. */
  readonly i32: Record<Slot, number>;
  readonly f32: Record<Slot, number>;
  /** Runs all items, or the first so many, and returns when they are done. */
  run(items?: number): void;
}

/** Words of an operation's own in the heap (offset tables, packed weights); freed with the operation that holds them. */
export interface Table {
  readonly address: number;
  readonly words: Int32Array;
  readonly floats: Float32Array;
}

export interface Engine {
  readonly threads: number;
  readonly relaxedSimd: boolean;
  readonly host: HostMemory;
  /** Prepares `kernel` over `items`, cut into blocks of `grain`. `slots` names the argument words in order. */
  job<const Slot extends string>(kernel: string, slots: readonly Slot[], items: number, grain: number): Job<Slot>;
  /** Of these words, or of so many zeros. */
  table(values: readonly number[] | Int32Array | number): Table;
  /** Scratch memory of so many bytes: a thread's own, and one common to a run's jobs. Call when preparing. */
  reserveWorkspace(bytes: { perThread?: number; shared?: number }): void;
  /** Where the shared workspace lies now; it moves when another operation's preparing enlarges it. */
  sharedWorkspace(): number;
  dispose(): Promise<void>;
}

/** Starts the kernels with `threads` threads, the calling one included. */
export async function startEngine(threads: number, wanted: RelaxedSimd): Promise<Engine> {
  const { module, relaxedSimd } = await loadModule(wanted);
  const memory = makeMemory();
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const pool = instance.exports as unknown as PoolExports;
  const kernels = tabulate(module, instance.exports);
  const words = new Uint32Array(memory.buffer, 0, controlEnd / 4);
  const setWord = (at: number, value: number): void => {
    Atomics.store(words, at / 4, value);
  };
  const host = heapAllocator(heapOf(memory, setWord), controlEnd);
  setWord(control.maySleep, mayWait() ? 1 : 0);
  const workers = await startWorkers(module, memory, threads - 1);
  const count = workers.length + 1;

  // Argument blocks and tables live as long as the operation that holds them.
  const blocks = new FinalizationRegistry<HostBlock>((block) => {
    if (!disposed) host.free(block);
  });
  let disposed = false;
  const workspace = { perThread: 0, shared: 0 };
  const workspaceBlocks: { perThread?: HostBlock; shared?: HostBlock } = {};

  function reserve(kind: 'perThread' | 'shared', bytes: number): void {
    if (bytes <= workspace[kind]) return;
    const each = Math.ceil(bytes / 64) * 64 + 64;
    const old = workspaceBlocks[kind];
    if (old !== undefined) host.free(old);
    workspaceBlocks[kind] = undefined;
    workspace[kind] = 0;
    const block = host.allocate(kind === 'perThread' ? each * count : each);
    workspaceBlocks[kind] = block;
    workspace[kind] = bytes;
    setWord(kind === 'perThread' ? control.threadWorkspace : control.sharedWorkspace, block.byteOffset);
    if (kind === 'perThread') setWord(control.threadBytes, each);
  }

  return {
    threads: count,
    relaxedSimd,
    host,
    job(kernel, slots, items, grain) {
      const index = kernels.get(kernel);
      if (index === undefined) throw new CaffeError({ code: 'internal', problem: `there is no kernel "${kernel}"` });
      const block = host.allocate(slots.length * 4);
      const args = block.byteOffset;
      const job = {
        address: named(slots, new Uint32Array(block.buffer, args, slots.length)),
        i32: named(slots, new Int32Array(block.buffer, args, slots.length)),
        f32: named(slots, new Float32Array(block.buffer, args, slots.length)),
        run(wanted = items) {
          if (wanted <= 0) return;
          try {
            if (count === 1 || wanted <= grain) pool.runAlone(index, args, wanted, grain);
            else if (pool.dispatch(index, args, wanted, grain) !== 0) throw trapped(kernel);
          } catch (cause) {
            if (cause instanceof CaffeError) throw cause;
            if (count > 1 && wanted > grain) endFailedJob(pool);
            throw trapped(kernel, cause);
          }
        },
      };
      blocks.register(job, block);
      return job;
    },
    table(values) {
      const count = typeof values === 'number' ? values : values.length;
      const block = host.allocate(count * 4);
      const at = [block.buffer, block.byteOffset, count] as const;
      const table = { address: block.byteOffset, words: new Int32Array(...at), floats: new Float32Array(...at) };
      if (typeof values !== 'number') table.words.set(values);
      blocks.register(table, block);
      return table;
    },
    reserveWorkspace({ perThread = 0, shared = 0 }) {
      reserve('perThread', perThread);
      reserve('shared', shared);
    },
    sharedWorkspace: () => words[control.sharedWorkspace / 4]!,
    async dispose() {
      if (disposed) return;
      disposed = true;
      pool.stopWorkers();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** The calling thread's kernel trapped: the other threads must still leave the job before the next one. */
function endFailedJob(pool: PoolExports): void {
  for (;;) {
    pool.blockFailed();
    try {
      pool.finishJob();
      return;
    } catch {
      // Another block of the same job trapped.
    }
  }
}

function trapped(kernel: string, cause?: unknown): CaffeError {
  return new CaffeError(
    {
      code: 'internal',
      problem: `the kernel "${kernel}" reached outside its memory`,
      fix: 'please report it, with the net that was running',
    },
    { cause },
  );
}

/** An object with one accessor a name, over a view of words. */
function named<Slot extends string>(
  slots: readonly Slot[],
  words: Uint32Array | Int32Array | Float32Array,
): Record<Slot, number> {
  const object = {} as Record<Slot, number>;
  slots.forEach((slot, i) => {
    Object.defineProperty(object, slot, {
      get: () => words[i]!,
      set: (value: number) => {
        words[i] = value;
      },
    });
  });
  return object;
}

/** Shared memory with as large a maximum as the engine gives an address range for. */
function makeMemory(): WebAssembly.Memory {
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new CaffeError({
      code: 'unsupported',
      problem: 'shared memory is not available here',
      fix: 'serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    });
  }
  try {
    return new WebAssembly.Memory({ initial: 256, maximum: maximumPages, shared: true });
  } catch (cause) {
    throw new CaffeError(
      {
        code: 'limit',
        problem: 'this machine refused an address range of 4 GiB for WebAssembly memory',
        fix: 'raise the limit on virtual memory (ulimit -v)',
      },
      { cause },
    );
  }
}

function heapOf(memory: WebAssembly.Memory, setWord: (at: number, value: number) => void): Heap {
  let growths = 0;
  return {
    maximumBytes: maximumPages * pageBytes,
    get byteLength() {
      return memory.buffer.byteLength;
    },
    buffer: () => memory.buffer,
    grow(byteLength) {
      const more = Math.ceil((byteLength - memory.buffer.byteLength) / pageBytes);
      if (more > 0) memory.grow(more);
      growths++;
      setWord(control.growth, growths);
    },
  };
}

/** Whether this thread may sleep: not on a browser's page, where the engine spins instead. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
