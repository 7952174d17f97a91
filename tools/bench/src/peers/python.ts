import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { absence } from './installed.ts';

const folder = fileURLToPath(new URL('../../python', import.meta.url));
const howTo =
  'install it: apt install python3-torch python3-opencv (JACINTO_BENCH_PYTHON: another Python; default /usr/bin/python3)';

/** Starts a script of `tools/bench/python` with the system's Python and a fixed number of threads. */
export async function startPython(
  script: string,
  args: readonly string[],
  threads: number,
): Promise<Child | { absent: string }> {
  const python = process.env['JACINTO_BENCH_PYTHON'] ?? '/usr/bin/python3';
  const env = { OMP_NUM_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: '1' };
  const started = await Child.start(python, [join(folder, script), ...args], env);
  return 'absent' in started ? { absent: absence(started.absent, howTo) } : started;
}
