import type { Backend } from '@jacinto/core-tensor';
import type { Net } from '@jacinto/net';
import { create, Phase, type SolverParameter } from '@jacinto/proto';
import { CaffeError, unknownName } from '@jacinto/proto/errors';
import { Solver } from '@jacinto/solvers-mixed';
import type { CaffeFlags } from '../flags.ts';
import { stagesOf } from '../flags.ts';
import { formatNumber } from '../format-number.ts';
import type { Log } from '../glog.ts';
import { LayerMeter } from '../layer-meter.ts';
import { logSolverEvent } from '../log-solver-events.ts';
import { readModel } from '../log-upgrade.ts';
import { planTable } from '../plan-table.ts';
import { quantizeNet } from '../quantize-net.ts';
import { type Command, compatOf, fusionOf, iterationsOf, required } from './command.ts';
import { useDevice } from './use-device.ts';

const warmUp = 5;

/**
 * `caffe time`: measures forward and backward, layer by layer, over --iterations batches; --plan shows before what the
 * net does.
 */
export const time: Command = async (flags, env, { backend, registry }) => {
  const { log } = env;
  const model = required(flags, 'model', 'need a model definition to time');
  const iterations = iterationsOf(flags);
  const phase = phaseOf(flags);
  useDevice(log, flags.gpu);
  const param = create('SolverParameter', {
    ...netOf(model, phase, log),
    ...{ lrPolicy: 'fixed', baseLr: 0.01, maxIter: warmUp, randomSeed: 1371 },
    ...{ testInterval: iterations + 1, snapshotAfterTrain: false },
    trainState: { phase, level: flags.level, stage: stagesOf(flags) },
  });
  const solver = await Solver.create(param, {
    ...{ backend, registry, fusion: fusionOf(flags) },
    onEvent: (event) => logSolverEvent(log, event),
  });
  try {
    quantizeNet(solver.net, log, { compat: compatOf(flags), gpu: flags.gpu !== '' });
    log.info('caffe.cpp:351', `Initialization for ${warmUp} iterations.`);
    log.info('caffe.cpp:353', 'Performing initial Forward/Backward');
    const begin = performance.now();
    await solver.step(warmUp);
    await backend.finish();
    const average = formatNumber((performance.now() - begin) / warmUp);
    log.info('caffe.cpp:357', 'Initial Forward/Backward complete');
    log.info('caffe.cpp:358', `Average Initialization Forward/Backward pass: ${average} ms.`);
    if (flags.plan) env.print(await planOf(solver.net, backend));
    log.info('caffe.cpp:365', '*** Benchmark begins ***');
    log.info('caffe.cpp:366', `Testing for ${iterations} iterations.`);
    const summary = await measure(solver.net, backend, iterations, log);
    if (flags.quiet) env.print(summary);
    log.info('caffe.cpp:415', '*** Benchmark ends ***');
  } finally {
    await solver.dispose();
  }
};

/** A TEST net's layers keep what backward needs only where the net says that backward runs. */
function netOf(model: string, phase: number, log: Log): Partial<SolverParameter> {
  if (phase === Phase.TRAIN) return { net: model };
  return { netParam: Object.assign(readModel(log, model), { forceBackward: true }) };
}

function phaseOf({ phase }: CaffeFlags): number {
  if (phase === '' || phase === 'TRAIN') return Phase.TRAIN;
  if (phase === 'TEST') return Phase.TEST;
  const { problem, fix } = unknownName('', phase, ['TRAIN', 'TEST']).facts;
  throw new CaffeError({ code: 'usage', problem: `--phase ${problem}`, fix });
}

/** The net's plan, and what one pass says of it. */
async function planOf(net: Net, backend: Backend): Promise<string> {
  const plan = net.plan();
  await net.forward(); // what came in from outside was converted once
  const meter = new LayerMeter(backend, net.layers);
  net.use(meter);
  await net.forward();
  await net.backward();
  net.clearParamDiffs();
  return planTable(net, plan, meter.costs);
}

async function measure(net: Net, backend: Backend, iterations: number, log: Log): Promise<string> {
  const meter = new LayerMeter(backend, net.layers);
  net.use(meter);
  const begin = performance.now();
  for (let j = 1; j <= iterations; j++) {
    const start = performance.now();
    await net.forward();
    await net.backward();
    net.clearParamDiffs();
    const spent = formatNumber(performance.now() - start);
    log.info('caffe.cpp:394', `Iteration: ${j} forward-backward time: ${spent} ms.`);
    await new Promise(setImmediate);
  }
  const total = performance.now() - begin;
  const mean = (milliseconds: number) => formatNumber(milliseconds / iterations);
  const sum = (way: 'forward' | 'backward') => meter.costs.reduce((total, cost) => total + cost[way], 0);
  log.info('caffe.cpp:397', 'Average time per layer: ');
  for (const { index, name } of net.layers) {
    const label = name.padStart(10);
    log.info('caffe.cpp:400', `${label}\tforward: ${mean(meter.costs[index]!.forward)} ms.`);
    log.info('caffe.cpp:403', `${label}\tbackward: ${mean(meter.costs[index]!.backward)} ms.`);
  }
  const lines = [
    `Average Forward pass: ${mean(sum('forward'))} ms.`,
    `Average Backward pass: ${mean(sum('backward'))} ms.`,
    `Average Forward-Backward: ${mean(total)} ms.`,
    `Total Time: ${formatNumber(total)} ms.`,
  ];
  for (const line of lines) log.info('caffe.cpp:408', line);
  return lines.map((line) => `${line}\n`).join('');
}
