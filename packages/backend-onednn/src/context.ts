import { type Backend, type CpuBackend, Values } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import { argument, executionArguments, type OneDnn2, type OpDesc, type Pointer } from './c-api-2.ts';
import type { UsableOneDnn } from './find-library.ts';
import { adviseHugePages } from './huge-pages.ts';
import { type Layout, type Layouts, layoutTable } from './layouts.ts';
import { threadSetter } from './open-mp.ts';
import { coreKeeper } from './open-mp-cores.ts';

/** What this backend has done, since it was made. */
export interface OneDnnCounters {
  /** Changes of layout: between the plain one and oneDNN's own, or between two of these. */
  reorders: number;
  /** Primitives run, reorders not counted. */
  primitives: number;
  /** Operations that ran on the backend below. */
  handedOver: number;
}

/** A primitive that oneDNN has made for fixed layouts; kept as long as the backend. */
export interface Primitive {
  readonly descriptor: Pointer;
  readonly handle: Pointer;
  readonly implementation: string;
}

/** A primitive with memories of its own: addresses are set where they change, then one call runs it. */
export interface Call {
  /** Sets where argument number `index` lies, by its offset in host memory. */
  place(index: number, offset: number): void;
  run(): void;
  /** What `run` executes. */
  readonly executions: readonly Execution[];
}

/** A primitive and where the list of its `count` arguments lies. */
export interface Execution {
  readonly primitive: Pointer;
  readonly count: number;
  readonly list: Pointer;
}

/** The address range that the CPU backend reserves for its heap. */
const heapBytes = 2 ** 32;

export class Context {
  readonly api: OneDnn2;
  readonly engine: Pointer;
  readonly over: CpuBackend;
  readonly layouts: Layouts;
  readonly counters: OneDnnCounters = { reorders: 0, primitives: 0, handedOver: 0 };
  private readonly threads: number;
  private readonly setThreads: (threads: number) => void;
  private readonly cores: ReturnType<typeof coreKeeper>;
  private readonly koffi: UsableOneDnn['koffi'];
  private readonly stream: Pointer;
  /** Where offset 0 of host memory lies. */
  private readonly base: Pointer;
  private readonly primitives = new Map<string, Primitive | undefined>();
  private readonly reorders = new Map<number, Call>();
  private readonly memories: FinalizationRegistry<readonly Pointer[]>;
  private disposed = false;
  private readonly scratches = new Map<string, Values>();

  constructor({ api, koffi }: UsableOneDnn, over: CpuBackend, threads: number) {
    this.api = api;
    this.koffi = koffi;
    this.over = over;
    this.threads = threads;
    this.setThreads = threadSetter(koffi);
    this.cores = coreKeeper(koffi, threads);
    this.base = baseOf(koffi, over);
    adviseHugePages(koffi, this.base, heapBytes);
    this.layouts = layoutTable(api);
    this.engine = api.createEngine();
    this.stream = api.createStream(this.engine);
    this.memories = new FinalizationRegistry((handles) => {
      if (!this.disposed) for (const handle of handles) api.destroyMemory(handle);
    });
  }

  /** The primitive of that key, made once; undefined where oneDNN has no fast one. */
  primitive(key: string, describe: () => Pointer | undefined): Primitive | undefined {
    if (this.primitives.has(key)) return this.primitives.get(key);
    this.useThreads();
    const descriptor = describe();
    let primitive: Primitive | undefined;
    if (descriptor !== undefined) {
      const implementation = this.api.implementation(descriptor);
      // The plain loops of oneDNN ("ref:any", "simple:any", "lrn_ref:any") are slower than the backend below.
      if (/^(lrn_)?(ref|simple)/.test(implementation) && !key.startsWith('reorder')) this.api.forget(descriptor);
      else primitive = { descriptor, implementation, handle: this.api.createPrimitive(descriptor) };
    }
    this.primitives.set(key, primitive);
    return primitive;
  }

  describe(desc: OpDesc, forward?: Primitive, attributes = 0): Pointer | undefined {
    return this.api.describe(this.engine, desc, attributes, forward?.descriptor ?? 0);
  }

  call(primitive: Primitive, entries: readonly (readonly [which: number, layout: Pick<Layout, 'desc'>])[]): Call {
    const { api, stream, base, counters } = this;
    const memories = entries.map(([, layout]) => api.createMemory(layout.desc, this.engine, 0));
    const bytes = executionArguments(entries.map(([which], i) => [which, memories[i]!]));
    const block = Number(this.koffi.address(bytes));
    const offsets: number[] = entries.map(() => -1);
    const { handle } = primitive;
    const execute = () => api.execute(handle, stream, memories.length, block);
    const call = {
      bytes, // keeps the block alive
      executions: [{ primitive: handle, count: memories.length, list: block }],
      place(index: number, offset: number) {
        if (offsets[index] === offset) return;
        offsets[index] = offset;
        api.setAddress(memories[index], base + offset);
      },
      run: () => {
        counters.primitives++;
        this.useThreads();
        this.cores.around(execute);
      },
    };
    this.memories.register(call, memories);
    return call;
  }

  /** Prepares calls whose arguments are placed to be run one after the other. */
  inRow(calls: readonly Call[]): () => void {
    const { api, stream, counters, cores } = this;
    const all = calls.flatMap(({ executions }) => executions);
    // Lists of numbers: a walk over objects would find each one out of the cache.
    const [primitives, counts, lists] = [
      all.map(({ primitive }) => primitive),
      all.map(({ count }) => count),
      all.map(({ list }) => list),
    ];
    const execute = (): void => {
      for (let i = 0; i < primitives.length; i++) api.execute(primitives[i]!, stream, counts[i]!, lists[i]!);
    };
    return () => {
      counters.primitives += primitives.length;
      this.useThreads();
      cores.around(execute);
    };
  }

  /** Copies values from one layout to another, or adds them to what is there. */
  reorder(from: Layout, fromOffset: number, to: Layout, toOffset: number, add = false): void {
    const id = (from.id * 65_536 + to.id) * 2 + (add ? 1 : 0);
    let call = this.reorders.get(id);
    if (call === undefined) {
      const { api } = this;
      const attributes = add ? api.addingAttributes() : 0;
      const pair = this.layouts.pair(from, to);
      const describe = () => pair && api.describeReorder(this.engine, ...pair, attributes);
      const primitive = this.primitive(`reorder ${id}`, describe);
      if (primitive === undefined) {
        throw new CaffeError({ code: 'internal', problem: `oneDNN cannot reorder values of shape ${from.shape}` });
      }
      const [source, target] = pair!;
      call = this.call(primitive, [
        [argument.src, { desc: source }],
        [argument.dst, { desc: target }],
      ]);
      this.reorders.set(id, call);
    }
    call.place(0, fromOffset);
    call.place(1, toOffset);
    call.run();
    this.counters.primitives--;
    this.counters.reorders++;
  }

  /** Offset of memory for results on their way, common to all operations that name the same use. */
  scratch(use: string, bytes: number): number {
    const count = Math.ceil(bytes / 4);
    let values = this.scratches.get(use);
    if (values === undefined) {
      values = new Values(this.over, count);
      this.scratches.set(use, values);
    } else if (values.count < count) {
      values.release();
      values.resize(count);
    }
    return values.address;
  }

  /** To be called before oneDNN chooses how to share work, or does it. */
  useThreads(): void {
    this.setThreads(this.threads);
  }

  /** Where an array lies, as an offset in host memory, be it there or not. It holds for the call that comes next. */
  offsetOf(array: ArrayBufferView): number {
    return Number(this.koffi.address(array as Uint8Array<ArrayBuffer>)) - this.base;
  }

  address(offset: number): Pointer {
    return this.base + offset;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const primitive of this.primitives.values()) {
      if (primitive === undefined) continue;
      this.api.destroyPrimitive(primitive.handle);
      this.api.forget(primitive.descriptor);
    }
    this.api.destroyStream(this.stream);
    this.api.destroyEngine(this.engine);
  }
}

/** Where the shared memory of the backend below lies in this process; it never moves. */
function baseOf(koffi: UsableOneDnn['koffi'], over: Backend): Pointer {
  const block = over.host.allocate(64);
  over.host.free(block);
  if (!(block.buffer instanceof SharedArrayBuffer)) {
    throw new CaffeError({
      code: 'unsupported',
      problem: `oneDNN cannot work over the ${over.name} backend: its values do not lie in one shared memory`,
      fix: 'use the CPU backend below',
    });
  }
  return Number(koffi.address(new Uint8Array(block.buffer, 0, 64)));
}
