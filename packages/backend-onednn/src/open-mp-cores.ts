import { readdirSync, readFileSync } from 'node:fs';
import type { Koffi } from './c-api-2.ts';

/** Bytes of a cpu_set_t. */
const maskBytes = 128;
/** Milliseconds from look to look, for each thread looked after. */
const lookEvery = 5;
/** Runs in which new threads are looked for: small ones need but one thread. */
const mostSearches = 200;
const folder = '/proc/self/task';

interface Calls {
  /** The core that the calling thread is on. */
  core(): number;
  setMask(thread: number, mask: Uint8Array): boolean;
  /** Cores that this process may use. */
  mask: Uint8Array;
}

/** OpenMP is one for the process, and so are its threads. */
const threads = new Set<number>();
let known = 0;
let searches = 0;
let nextLook = 0;

/**
 * Keeps OpenMP's threads off the core that the main thread is on. Where other processes keep all cores busy, Linux wakes
 * a thread on the core of the one that wakes it; the two then take turns, each waiting in a loop for the other, and all
 * takes three times as long. Linux only, and nothing where there are not as many cores as threads.
 */
export function coreKeeper(koffi: Koffi, count: number): { around(run: () => void): void } {
  const calls = count > 1 ? linuxCalls(koffi) : undefined;
  if (calls === undefined || coresOf(calls.mask) < count) return { around: (run) => run() };
  return {
    around(run) {
      if (known !== count) {
        known = count;
        searches = mostSearches;
      }
      if (searches > 0) return search(run, count);
      run();
      if (threads.size === 0) return;
      const now = performance.now();
      if (now < nextLook) return;
      nextLook = now + lookEvery * threads.size;
      separate(calls);
    },
  };
}

/** Threads that a run has started are OpenMP's: this thread starts no others meanwhile. */
function search(run: () => void, count: number): void {
  const before = new Set(listed());
  run();
  for (const thread of listed()) if (!before.has(thread)) threads.add(thread);
  searches = threads.size >= count - 1 ? 0 : searches - 1;
}

function separate({ core, setMask, mask }: Calls): void {
  const mine = core();
  for (const thread of threads) {
    const theirs = lastCore(thread);
    if (theirs === undefined) threads.delete(thread);
    else if (theirs === mine) {
      const others = mask.slice();
      others[mine >> 3]! &= ~(1 << (mine & 7));
      if (!setMask(thread, others)) threads.delete(thread);
    }
  }
}

const listed = (): number[] => readdirSync(folder).map(Number);

/** The core that a thread was last on; undefined where it has ended. */
function lastCore(thread: number): number | undefined {
  try {
    const stat = readFileSync(`${folder}/${thread}/stat`, 'latin1');
    // Behind the name, which may hold anything, in brackets: state is field 3, the core field 39.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[36]);
  } catch {
    return undefined;
  }
}

function coresOf(mask: Uint8Array): number {
  let count = 0;
  for (const byte of mask) for (let bits = byte; bits > 0; bits >>= 1) count += bits & 1;
  return count;
}

function linuxCalls(koffi: Koffi): Calls | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const c = koffi.load('libc.so.6');
    const core = c.func('sched_getcpu', 'int', []) as () => number;
    const types = ['int', 'size_t', 'void *'];
    const set = c.func('sched_setaffinity', 'int', types) as (...values: unknown[]) => number;
    const get = c.func('sched_getaffinity', 'int', types) as (...values: unknown[]) => number;
    const mask = new Uint8Array(maskBytes);
    if (get(0, maskBytes, mask) !== 0 || core() < 0) return undefined;
    return { core, mask, setMask: (thread, others) => set(thread, maskBytes, others) === 0 };
  } catch {
    return undefined; // Another C library: as the system does it.
  }
}
