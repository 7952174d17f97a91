import { has, SolverParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { readSolverFile } from '@jacinto/proto/node';
import { Solver, type SolverEvent } from '@jacinto/solvers-mixed';
import { duration } from '../duration.ts';
import { listOf, stagesOf } from '../flags.ts';
import { formatNumber } from '../format-number.ts';
import { logSolverEvent } from '../log-solver-events.ts';
import { logUpgrade } from '../log-upgrade.ts';
import { handleSignals, signalEffect } from '../signals.ts';
import { solverPlugins } from '../solver-plugins.ts';
import { TrainingProgress } from '../training-progress.ts';
import { type Command, compatOf, fusionOf } from './command.ts';
import { useDevice } from './use-device.ts';

/** `caffe train`: trains a model, from the start, from weights, or from a snapshot. */
export const train: Command = async (flags, env, { backend, registry }) => {
  const { log } = env;
  const begin = performance.now();
  if (flags.solver === '') {
    throw new CaffeError({ code: 'usage', problem: 'need a solver definition to train', fix: 'give --solver=FILE' });
  }
  if (flags.snapshot !== '' && flags.weights !== '') {
    throw new CaffeError({
      code: 'usage',
      problem: 'give a snapshot to resume training or weights to finetune, but not both',
      fix: 'drop --snapshot or --weights',
    });
  }
  const sigint = signalEffect('sigint_effect', flags.sigint_effect);
  const sighup = signalEffect('sighup_effect', flags.sighup_effect);
  const compat = compatOf(flags);
  const param = readSolverFile(flags.solver, { onUpgrade: (result) => logUpgrade(log, flags.solver, result) });
  const wantsGpu = has(param, 'solverMode') && param.solverMode === SolverParameter.SolverMode.GPU;
  const gpu = flags.gpu !== '' ? flags.gpu : wantsGpu ? String(param.deviceId) : '';
  useDevice(log, gpu);
  if (!has(param, 'snapshotPrefix')) param.snapshotPrefix = flags.solver.replace(/\.[^./\\]*$/, '');
  const progress = new TrainingProgress(env.bar);
  const onEvent = (event: SolverEvent): void => {
    logSolverEvent(log, event);
    progress.show(event);
  };
  if (flags.snapshot !== '') log.info('caffe.cpp:234', `Resuming from ${flags.snapshot}`);
  const solver = await Solver.create(param, {
    ...{ backend, registry, compat, level: flags.level, stages: stagesOf(flags), onEvent },
    fusion: fusionOf(flags),
    plugins: solverPlugins(param, log, { compat, gpu: gpu !== '', exclude: listOf(flags.sparsity_exclude) }),
    weights: listOf(flags.weights),
    snapshot: flags.snapshot === '' ? undefined : flags.snapshot,
  });
  const endSignals = handleSignals(env.signals, solver, { sigint, sighup, quit: () => env.quit(130) });
  try {
    log.info('caffe.cpp:248', 'Starting Optimization');
    await solver.solve();
  } finally {
    endSignals();
    progress.end();
    await solver.dispose();
  }
  log.info('caffe.cpp:250', `Optimization Done in ${duration((performance.now() - begin) / 1000)}`);
  if (flags.quiet) env.print(`${progress.summary(formatNumber)}\n`);
};
