import { readdirSync } from 'node:fs';
import type { Koffi } from './c-api-2.ts';

/** Bytes of a cpu_set_t. */
const maskBytes = 128;
/** Milliseconds at least from change to change, for each thread looked after. */
const changeEvery = 5;
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

/** Runs after which the threads are told anew: V8 then knows that path before it compiles the others' around it. */
const tellEvery = 256;

/** OpenMP is one for the process, and so are its threads. */
const threads = new Set<number>();
let known = 0;
let searches = 0;
/** The core that they keep off; −1: none. */
let keptFree = -1;
let nextChange = 0;
let untilTold = 0;

/**
 * Keeps OpenMP's threads off the core that the main thread is on. Where other processes keep all cores busy, Linux wakes
 * a thread on the core of the one that wakes it; the two then take turns, each waiting in a loop for the other, and all
 * takes three times as long. Linux only, and nothing where there are not as many cores as threads.
 */
export function coreKeeper(koffi: Koffi, count: number): { around(run: () => void): void } {
  const calls = count > 1 ? linuxCalls(koffi) : undefined;
  if (calls === undefined || coresOf(calls.mask) < count) return { around: (run) => run() };
  const { core } = calls;
  return {
    around(run) {
      if (known !== count) {
        known = count;
        searches = mostSearches;
      }
      if (searches > 0) search(run, count);
      else run();
      // Where this thread is costs less to ask (a tenth of a microsecond) than where the others are.
      const mine = core();
      if (mine !== keptFree || --untilTold < 0) keepOff(calls, mine);
    },
  };
}

/** Threads that a run has started are OpenMP's: this thread starts no others meanwhile. */
function search(run: () => void, count: number): void {
  const before = new Set(listed());
  run();
  for (const thread of listed()) {
    if (before.has(thread)) continue;
    threads.add(thread);
    keptFree = -1;
  }
  searches = threads.size >= count - 1 ? 0 : searches - 1;
}

function keepOff({ setMask, mask }: Calls, mine: number): void {
  const now = performance.now();
  if (now < nextChange) return;
  nextChange = now + changeEvery * threads.size;
  untilTold = tellEvery;
  keptFree = mine;
  const others = mask.slice();
  others[mine >> 3]! &= ~(1 << (mine & 7));
  // A thread that has ended, or cores taken from this process.
  for (const thread of threads) if (!setMask(thread, others)) threads.delete(thread);
}

const listed = (): number[] => readdirSync(folder).map(Number);

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
