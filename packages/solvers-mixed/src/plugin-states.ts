import { CaffeError, type SolverParameter } from '@jacinto/proto';
import type { SolverPlugin } from './solver-plugin.ts';

/** The states of plug-ins that have a name and something to keep. */
export function savePlugins(plugins: readonly SolverPlugin[]): Record<string, unknown> {
  const states: Record<string, unknown> = {};
  for (const plugin of plugins) {
    const state = plugin.saveState?.();
    if (plugin.name !== undefined && state !== undefined) states[plugin.name] = state;
  }
  return states;
}

/** Gives plug-ins back what was kept under their names. */
export function restorePlugins(plugins: readonly SolverPlugin[], states: Readonly<Record<string, unknown>> = {}): void {
  for (const plugin of plugins) {
    if (plugin.name !== undefined && Object.hasOwn(states, plugin.name)) plugin.restoreState?.(states[plugin.name]);
  }
}

/** @throws CaffeError where a field asks for a plug-in that is not there: training on without it would be another run. */
export function checkPlugins(p: SolverParameter, plugins: readonly SolverPlugin[]): void {
  if (p.sparseMode === 0 || plugins.some(({ name }) => name === 'sparsity')) return;
  throw new CaffeError({
    code: 'missing',
    field: 'sparse_mode',
    problem: 'is on, but the solver has no plug-in for it',
    fix: 'give sparsityPlugin(param) of @jacinto/sparsity among the plugins, or remove the field',
  });
}
