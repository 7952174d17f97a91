import { type Backend, createCpuBackend } from '@jacinto/core-tensor';

/** The backends that run here: the CPU's, and oneDNN where the system has it. Dispose of them after the tests. */
export async function presentBackends(threads: number): Promise<Backend[]> {
  const backends: Backend[] = [await createCpuBackend({ threads })];
  // not a dependency: packages know no backend but the CPU's
  const onednn = await import('@jacinto/backend-onednn' as string).catch(() => undefined);
  if ((await onednn?.findOneDnn())?.usable) {
    backends.push(await onednn.createOneDnnBackend({ over: await createCpuBackend({ threads }) }));
  }
  return backends;
}
