import { CaffeError } from '@jacinto/proto/errors';
import { convolutionsOf, makeSparseBy, tableLog, withConvolutions } from '@jacinto/sparsity';
import type { CaffeFlags } from '../flags.ts';
import { logLine } from '../log-line.ts';
import { readModel, readModelWeights } from '../log-upgrade.ts';
import { requiredOutputPaths, saveModel } from '../output-model.ts';
import { type Command, required } from './command.ts';
import { useDevice } from './use-device.ts';

/** `caffe threshold` (caffe-jacinto 0.16): zeroes the smallest weights of each convolution at once, and saves the model. */
export const threshold: Command = async (flags, { log }) => {
  const model = required(flags, 'model', 'need a model definition to make sparse');
  const weights = required(flags, 'weights', 'need model weights to make sparse');
  const paths = requiredOutputPaths(flags);
  const fractions = {
    low: shareOf(flags, 'threshold_fraction_low'),
    mid: shareOf(flags, 'threshold_fraction_mid'),
    high: shareOf(flags, 'threshold_fraction_high'),
  };
  const { threshold_step_factor: stepFactor, threshold_value_max: valueMax } = flags;
  for (const name of ['threshold_step_factor', 'threshold_value_max', 'threshold_value_maxratio'] as const) {
    if (flags[name] <= 0) throw usage(name, flags[name], 'use more than 0');
  }
  useDevice(log, flags.gpu);
  const net = readModel(log, model);
  const stored = await readModelWeights(log, weights);
  const convolutions = convolutionsOf(net, stored);
  const { table, dense } = makeSparseBy(convolutions, fractions, {
    ...{ method: { kind: 'layer', stepFactor }, valueMax, maxRatio: flags.threshold_value_maxratio },
  });
  if (dense.length > 0) log.info('net.cpp:0', `Left dense: ${dense.join(', ')}`);
  for (const line of tableLog(table)) logLine(log, line);
  saveModel(log, 'sparse', paths, { net, weights: withConvolutions(stored, convolutions) });
};

type Share = 'threshold_fraction_low' | 'threshold_fraction_mid' | 'threshold_fraction_high';

function shareOf(flags: CaffeFlags, name: Share): number {
  if (flags[name] >= 0 && flags[name] <= 1) return flags[name];
  throw usage(name, flags[name], 'use 0 to 1');
}

function usage(name: string, value: number, fix: string): CaffeError {
  return new CaffeError({ code: 'usage', problem: `--${name} is ${value}`, fix });
}
