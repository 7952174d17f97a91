import { Net, type NetOptions } from '@jacinto/net';
import { Phase } from '@jacinto/proto';
import { type OutputValue, readOutputs } from '@jacinto/solvers-mixed';
import type { Environment } from '../environment.ts';
import { stagesOf } from '../flags.ts';
import { formatNumber } from '../format-number.ts';
import { logNetEvent } from '../log-net-events.ts';
import { outputText } from '../log-solver-events.ts';
import { logSparsity } from '../log-sparsity.ts';
import { readModel, readModelWeights } from '../log-upgrade.ts';
import { optimizeNet } from '../optimize-net.ts';
import { outputPathsOf, saveModel } from '../output-model.ts';
import { quantizeNet } from '../quantize-net.ts';
import { withoutBlobs } from '../saved-net.ts';
import { type Command, compatOf, faultsOf, fusionOf, iterationsOf, required } from './command.ts';
import { useDevice } from './use-device.ts';

/**
 * `caffe test`: scores a model over --iterations batches; merges batch norms before (--optimize_net), quantizes where
 * the prototxt says so, shows its zeros
 * (--display_sparsity) and saves it (--output_model) afterwards.
 */
export const test: Command = async (flags, env, { backend, registry }) => {
  const { log } = env;
  const model = required(flags, 'model', 'need a model definition to score');
  const weights = required(flags, 'weights', 'need model weights to score');
  const iterations = iterationsOf(flags);
  const output = outputPathsOf(flags);
  const compat = compatOf(flags);
  const faults = faultsOf(compat);
  useDevice(log, flags.gpu);
  const options: NetOptions = {
    ...{ backend, registry, phase: Phase.TEST, level: flags.level, stages: stagesOf(flags) },
    compat: faults,
    fusion: fusionOf(flags),
    reuseBuffers: flags.reuse_buffers, // outputs and weights are all that is read
    onEvent: (event) => logNetEvent(log, event),
  };
  let net = await Net.create(readModel(log, model), options);
  try {
    net.copyTrainedFrom(await readModelWeights(log, weights), { file: weights });
    if (flags.optimize_net) {
      const absorbed = await optimizeNet(net, log, { compat: faults, inMemory: true });
      await net.dispose(); // before the next one: data layers may lock their databases
      net = await Net.create(absorbed.net, options);
      net.copyTrainedFrom(absorbed.weights);
    }
    quantizeNet(net, log, { compat, gpu: flags.gpu !== '' });
    log.info('caffe.cpp:281', `Running for ${iterations} iterations.`);
    await score(net, iterations, flags.quiet, env);
    if (flags.display_sparsity) await logSparsity(net, log);
    if (output !== undefined) {
      await net.readParams();
      const weights = net.toProto();
      saveModel(log, 'tested', output, { net: withoutBlobs(weights), weights });
    }
  } finally {
    await net.dispose();
  }
};

async function score(net: Net, iterations: number, quiet: boolean, { log, bar, print }: Environment): Promise<void> {
  let sums: OutputValue[] = [];
  let loss = 0;
  for (let i = 0; i < iterations; i++) {
    loss += await net.forward();
    const outputs = await readOutputs(net);
    for (const { blob, value } of outputs) log.info('caffe.cpp:304', `Batch ${i}, ${blob} = ${formatNumber(value)}`);
    sums = i === 0 ? outputs : sums.map((sum, j) => ({ ...sum, value: sum.value + (outputs[j]?.value ?? 0) }));
    bar.update({ done: i + 1, total: iterations, unit: 'batches' });
    await new Promise(setImmediate);
  }
  bar.end();
  loss /= iterations;
  const means = sums.map((sum) => outputText({ ...sum, value: sum.value / iterations }));
  log.info('caffe.cpp:309', `Loss: ${formatNumber(loss)}`);
  for (const mean of means) log.info('caffe.cpp:321', mean);
  if (quiet) print(`Loss: ${formatNumber(loss)}\n${means.map((mean) => `${mean}\n`).join('')}`);
}
