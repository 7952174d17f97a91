import { compareOutputs, differenceText, type NetOutputs, outputsFor } from '@jacinto/bn-absorb';
import { Net, type NetOptions } from '@jacinto/net';
import { Phase } from '@jacinto/proto';
import type { Log } from '../glog.ts';
import { logNetEvent } from '../log-net-events.ts';
import { readModel, readModelWeights } from '../log-upgrade.ts';
import { optimizeNet } from '../optimize-net.ts';
import { requiredOutputPaths, saveModel } from '../output-model.ts';
import { withoutState } from '../saved-net.ts';
import { type Command, compatOf, faultsOf, required } from './command.ts';
import { useDevice } from './use-device.ts';

/** Largest difference of an output beside its largest value that counts as rounding. */
const tolerance = 1e-4;
const seed = 1;

/** `caffe optimize`: merges BatchNorm and Scale layers, runs the net before and after, and saves the merged one. */
export const optimize: Command = async (flags, { log }, { backend, registry }) => {
  const model = required(flags, 'model', 'need a model definition to optimize');
  const weights = required(flags, 'weights', 'need model weights to optimize');
  const paths = requiredOutputPaths(flags);
  const compat = faultsOf(compatOf(flags));
  useDevice(log, flags.gpu);
  const options = { backend, registry, phase: Phase.TEST, seed, compat };
  const net = await Net.create(readModel(log, model), { ...options, onEvent: (event) => logNetEvent(log, event) });
  let absorbed: Awaited<ReturnType<typeof optimizeNet>>;
  let before: NetOutputs;
  try {
    net.copyTrainedFrom(await readModelWeights(log, weights), { file: weights });
    before = await outputsFor(net, seed);
    log.info('caffe.cpp:853', `Optimizing Net ${model}`);
    absorbed = await optimizeNet(net, log, { compat });
  } finally {
    await net.dispose(); // before the next one: data layers may lock their databases
  }
  await check(log, before, absorbed, options);
  saveModel(log, 'optimized', paths, {
    net: withoutState(absorbed.net),
    weights: withoutState(absorbed.weights),
  });
};

/** Runs the merged net on the same input, and says how far its outputs are from those before. */
async function check(
  log: Log,
  before: NetOutputs,
  absorbed: Awaited<ReturnType<typeof optimizeNet>>,
  options: NetOptions,
): Promise<void> {
  const net = await Net.create(absorbed.net, options);
  try {
    net.copyTrainedFrom(absorbed.weights);
    const difference = compareOutputs(before, await outputsFor(net, seed));
    if (difference.blobs === 0) log.warning('caffe.cpp:853', 'Not checked: the net has no outputs');
    else if (difference.relative <= tolerance) log.info('caffe.cpp:853', `Checked: ${differenceText(difference)}`);
    else log.warning('caffe.cpp:853', `OUTPUTS BEFORE AND AFTER DIFFER: ${differenceText(difference)}`);
  } finally {
    await net.dispose();
  }
}
