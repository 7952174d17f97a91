import type { SolverParameter } from '@jacinto/proto';
import type { Compat, SolverPlugin } from '@jacinto/solvers-mixed';
import { sparsityLog, sparsityPlugin } from '@jacinto/sparsity';
import { faultsOf } from './commands/command.ts';
import type { Log } from './glog.ts';
import { logLine } from './log-line.ts';

export interface SolverPluginOptions {
  compat: Compat;
  /** Layers that sparse training leaves alone. */
  exclude?: readonly string[];
}

/** The plug-ins that a solver's fields ask for; what they tell is logged. @throws CaffeError for bad fields. */
export function solverPlugins(
  param: SolverParameter,
  log: Log,
  { compat, exclude }: SolverPluginOptions,
): SolverPlugin[] {
  const sparsity = sparsityPlugin(param, {
    compat: faultsOf(compat),
    exclude,
    onEvent: (event) => {
      for (const line of sparsityLog(event)) logLine(log, line);
    },
  });
  return sparsity === undefined ? [] : [sparsity];
}
