import { runsInNode } from './load-module.ts';

/** What an instance of the kernels exports, apart from the kernels. */
export interface PoolExports {
  table: WebAssembly.Table;
  workerLoop(thread: number, growth: number): number;
  runClaimed(block: number, thread: number): void;
  blockFailed(): void;
  finishJob(): number;
  dispatch(kernel: number, args: number, items: number, grain: number): number;
  runAlone(kernel: number, args: number, items: number, grain: number): void;
  stopWorkers(): void;
}

/** Puts every exported function into the table and gives their places, the same in each thread. */
export function tabulate(module: WebAssembly.Module, exports: WebAssembly.Exports): Map<string, number> {
  const table = exports.table as WebAssembly.Table;
  const index = new Map<string, number>();
  for (const { name, kind } of WebAssembly.Module.exports(module)) {
    if (kind === 'function') index.set(name, table.grow(1, exports[name]));
  }
  return index;
}

/** Address of the count of growths (assembly/control.ts). */
export const growthAddress = 340;

// A worker's program, as text so that no file need be found or served; the loop is `tabulate` again. A trap in a kernel
// fails its block, not the thread.
const program = `({ module, memory, thread }, ready) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  for (const { name, kind } of WebAssembly.Module.exports(module)) {
    if (kind === 'function') exports.table.grow(1, exports[name]);
  }
  ready();
  const words = new Int32Array(memory.buffer, 0, 128);
  for (;;) {
    try {
      const growth = Atomics.load(words, ${growthAddress / 4});
      const block = exports.workerLoop(thread, growth);
      if (block < 0) return;
      exports.runClaimed(block, thread);
    } catch {
      exports.blockFailed();
    }
  }
}`;
const inNode = `const { parentPort, workerData } = require('node:worker_threads');
(${program})(workerData, () => parentPort.postMessage('ready'));`;
const inBrowser = `onmessage = (event) => { (${program})(event.data, () => postMessage('ready')); close(); };`;

/** A thread that takes part in jobs until `stopWorkers`. */
export interface PoolWorker {
  /** Ends it at once. */
  terminate(): Promise<unknown>;
}

async function startInNode(data: object): Promise<PoolWorker> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(inNode, { eval: true, workerData: data, execArgv: [], env: {}, name: 'jacinto' });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the worker ended before it was ready')));
  });
  worker.removeAllListeners();
  worker.unref(); // the pool must not keep the process alive
  return { terminate: () => worker.terminate() };
}

async function startInBrowser(data: object): Promise<PoolWorker> {
  const url = URL.createObjectURL(new Blob([inBrowser], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'jacinto' });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(data);
    });
  } finally {
    URL.revokeObjectURL(url);
  }
  return { terminate: async () => worker.terminate() };
}

/** Starts workers 1 to `count`; where one can't start, there are as many as did. */
export async function startWorkers(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  count: number,
): Promise<PoolWorker[]> {
  const start = runsInNode ? startInNode : startInBrowser;
  const tries = Array.from({ length: count }, (_, i) => start({ module, memory, thread: i + 1 }));
  const started = await Promise.allSettled(tries);
  return started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
