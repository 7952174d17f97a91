import { createOneDnnBackend, findOneDnn, type UsableOneDnn } from '@jacinto/backend-onednn';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';

/** Every backend there is here: the CPU backend on one thread and on all, oneDNN on all; or why oneDNN is absent. */
export async function allBackends(): Promise<{ backends: Backend[]; notes: string[]; oneDnn?: UsableOneDnn }> {
  const backends: Backend[] = [await createCpuBackend({ threads: 1 })];
  const all = await createCpuBackend();
  if (all.threads > 1) backends.push(all);
  else await all.dispose();
  const found = await findOneDnn();
  if (found.usable) backends.push(await createOneDnnBackend({ found, over: await createCpuBackend() }));
  const notes = backends.map(({ description }) => description);
  return found.usable
    ? { backends, notes, oneDnn: found }
    : { backends, notes: [...notes, `onednn: absent (${found.reason})`] };
}

/** Of all threads: the CPU backend, or oneDNN's, which must be there. */
export async function backendOfKind(kind: BackendKind): Promise<Backend> {
  const cpu = await createCpuBackend();
  return kind === 'cpu' ? cpu : createOneDnnBackend({ over: cpu });
}

export type BackendKind = 'cpu' | 'onednn';

/** "jacinto, 1 thread", "jacinto onednn, 2 threads". */
export function backendName({ name, threads }: Backend): string {
  return `jacinto${name === 'cpu' ? '' : ` ${name}`}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
