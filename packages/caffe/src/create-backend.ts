import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { CaffeError, unknownName } from '@jacinto/proto/errors';

/** The backends that `--backend` and JACINTO_BACKEND can name, beside auto. */
export const backendNames = ['cpu', 'onednn'] as const;

/** Other words for them. */
const synonyms: Readonly<Record<string, string>> = { wasm: 'cpu' };

/**
 * What computes: 'auto' is what JACINTO_BACKEND names, else oneDNN where it is found, else the CPU backend ('cpu', or
 * 'wasm'). `threads` 0: as JACINTO_THREADS says, else one a core.
 * @throws CaffeError 'usage' for an unknown backend or a number of threads that is none, 'unsupported' for a backend that
 * is not installed or does not run here.
 */
export async function createBackend(name: string, threads: number): Promise<Backend> {
  const variable = process.env['JACINTO_BACKEND'];
  const byVariable = name === 'auto' && variable !== undefined && variable !== '';
  const wanted = byVariable ? variable : name;
  const chosen = synonyms[wanted] ?? wanted;
  if (!['auto', ...backendNames].includes(chosen)) {
    const { problem, fix } = unknownName('', chosen, ['auto', ...backendNames]).facts;
    throw new CaffeError({ code: 'usage', problem: `${byVariable ? 'JACINTO_BACKEND' : '--backend'} ${problem}`, fix });
  }
  const options = { threads: threadCount(threads, process.env['JACINTO_THREADS']) };
  if (chosen === 'onednn') return createOneDnn(options);
  const byChoice = chosen === 'auto' && (await findOneDnn()).found?.usable;
  return byChoice ? createOneDnn(options) : createCpuBackend(options);
}

type OneDnnPackage = typeof import('@jacinto/backend-onednn');

/** The package where it is installed, and what it found of the library. */
async function findOneDnn(): Promise<{
  onednn?: OneDnnPackage;
  found?: Awaited<ReturnType<OneDnnPackage['findOneDnn']>>;
  cause?: unknown;
}> {
  try {
    const onednn = await import('@jacinto/backend-onednn');
    return { onednn, found: await onednn.findOneDnn() };
  } catch (cause) {
    return { cause };
  }
}

async function createOneDnn(options: { threads?: number | undefined }): Promise<Backend> {
  const { onednn, found, cause } = await findOneDnn();
  if (onednn === undefined || found === undefined) {
    throw new CaffeError(
      {
        code: 'unsupported',
        problem: 'the backend onednn is not installed',
        fix: 'npm install @jacinto/backend-onednn, or use --backend cpu',
      },
      { cause },
    );
  }
  if (!found.usable) throw new CaffeError({ code: 'unsupported', problem: `the backend onednn: ${found.reason}` });
  return onednn.createOneDnnBackend({ found, over: await createCpuBackend(options) });
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
