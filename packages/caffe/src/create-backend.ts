import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { CaffeError, unknownName } from '@jacinto/proto/errors';

/** The backends that are installed. */
export const backendNames = ['cpu'] as const;

/**
 * What computes. `threads` 0: as JACINTO_THREADS says, else one a core.
 * @throws CaffeError 'usage' for an unknown backend or a number of threads that is none.
 */
export async function createBackend(name: string, threads: number): Promise<Backend> {
  if (name !== 'auto' && name !== 'cpu') {
    const { problem, fix } = unknownName('', name, ['auto', ...backendNames]).facts;
    throw new CaffeError({ code: 'usage', problem: `--backend ${problem}`, fix });
  }
  return createCpuBackend({ threads: threadCount(threads, process.env['JACINTO_THREADS']) });
}

function threadCount(flag: number, variable: string | undefined): number | undefined {
  if (flag !== 0) return checked(flag, `--threads is ${flag}`);
  if (variable === undefined || variable === '' || variable === '0') return undefined;
  return checked(Number(variable), `JACINTO_THREADS is "${variable}"`);
}

function checked(count: number, problem: string): number {
  if (Number.isInteger(count) && count >= 1 && count <= 256) return count;
  throw new CaffeError({ code: 'usage', problem, fix: 'use 1 to 256, or 0 for one a core' });
}
