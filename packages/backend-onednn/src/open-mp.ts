import type { Koffi } from './c-api-2.ts';

/** Turns of waiting before a thread of GNU OpenMP sleeps: about as long as threads of the CPU backend spin. */
const spins = '10000';

/**
 * Says how idle OpenMP threads wait, for the library reads it once, when it is loaded. Left to itself it spins for
 * milliseconds and so takes the core from the CPU backend's threads. What the user has set stays.
 */
export function settleWaiting(koffi: Koffi): void {
  if (process.platform === 'win32') return;
  const c = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6');
  const setEnvironment = c.func('setenv', 'int', ['str', 'str', 'int']);
  if (process.env['OMP_WAIT_POLICY'] === undefined) setEnvironment('GOMP_SPINCOUNT', spins, 0);
}

/** What was last set: backends with other numbers of threads share one OpenMP. */
let current = 0;

/** Sets the threads of the parallel regions that this thread starts; nothing where the library is not GNU OpenMP. */
export function threadSetter(koffi: Koffi): (threads: number) => void {
  let set: (threads: number) => void;
  try {
    const openMp = koffi.load(process.platform === 'darwin' ? 'libomp.dylib' : 'libgomp.so.1');
    set = openMp.func('omp_set_num_threads', 'void', ['int']) as (threads: number) => void;
  } catch {
    return () => {};
  }
  return (threads) => {
    if (threads === current) return;
    current = threads;
    set(threads);
  };
}
