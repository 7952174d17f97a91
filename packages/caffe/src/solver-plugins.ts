import type { Net } from '@jacinto/net';
import type { SolverParameter } from '@jacinto/proto';
import type { Quantizer, QuantizerState } from '@jacinto/quantize';
import type { SolverPlugin } from '@jacinto/solvers-mixed';
import { sparsityLog, sparsityPlugin } from '@jacinto/sparsity';
import { faultsOf } from './commands/command.ts';
import type { Log } from './glog.ts';
import { logLine } from './log-line.ts';
import { type QuantizeNetOptions, quantizeNet } from './quantize-net.ts';

export interface SolverPluginOptions extends QuantizeNetOptions {
  /** Layers that sparse training leaves alone. */
  exclude?: readonly string[];
}

/** The plug-ins that a solver and its nets ask for; what they tell is logged. @throws CaffeError for bad fields. */
export function solverPlugins(param: SolverParameter, log: Log, options: SolverPluginOptions): SolverPlugin[] {
  const sparsity = sparsityPlugin(param, {
    compat: faultsOf(options.compat),
    exclude: options.exclude,
    onEvent: (event) => {
      for (const line of sparsityLog(event)) logLine(log, line);
    },
  });
  return [...(sparsity === undefined ? [] : [sparsity]), quantizePlugin(log, options)];
}

/** Quantizes those nets of a solver that ask for it, and keeps what was learned of their ranges in snapshots. */
function quantizePlugin(log: Log, options: QuantizeNetOptions): SolverPlugin {
  let quantized: { net: Net; quantizer: Quantizer }[] = [];
  return {
    name: 'quantize',
    setUp({ net, testNets }) {
      quantized = [net, ...testNets].flatMap((one) => {
        const quantizer = quantizeNet(one, log, options);
        return quantizer === undefined ? [] : [{ net: one, quantizer }];
      });
    },
    saveState() {
      const states = quantized.map(({ quantizer }) => quantizer.saveState() ?? null);
      return states.length === 0 ? undefined : states;
    },
    restoreState(states) {
      if (faultsOf(options.compat) !== undefined) return; // 0.17 starts anew
      for (const [i, state] of (states as (QuantizerState | null)[]).entries()) {
        const one = quantized[i];
        if (one !== undefined && state !== null) one.quantizer.restoreState(state, one.net);
      }
    },
  };
}
