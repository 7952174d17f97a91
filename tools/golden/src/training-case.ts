import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { filterNet } from '@jacinto/net';
import { parseTrainingLog, type TrainingLog } from '@jacinto/plot/log';
import { create, has, type NetParameter, Phase, type SolverParameter } from '@jacinto/proto';
import { readNetFile, readSolverFile } from '@jacinto/proto/node';
import { type Compat, Solver, type SolverEvent, testNetSources, trainNetSource } from '@jacinto/solvers-mixed';
import { type CaseContext, missingReason, missingTypes } from './case-context.ts';
import { Comparison } from './compare.ts';
import { compareLog } from './compare-log.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import { absentSources, folderOf, stage } from './staging.ts';
import { unsupportedFeature } from './unsupported.ts';

/**
 * Runs a recorded training again: from the weights or the solver state that its log names, with the habits of the Caffe
 * that wrote it. Compares every logged loss, rate and test output, and the snapshots where they lie beside the log.
 * Nothing is written into the recorded folder.
 */
export function runTrainingCase(
  solverFile: string,
  logFile: string,
  context: CaseContext,
  name = basename(solverFile),
): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const param = readSolverFile(solverFile);
    const text = readFileSync(logFile, 'utf8');
    const log = parseTrainingLog(text);
    const netFile = trainNetSource(param).file;
    const start = dirname(solverFile);
    const runFolder = netFile === undefined ? start : folderOf(netFile, start);
    if (runFolder === undefined) return missing(name, `its net ${netFile} is not there`);
    const { dataFolder } = context;
    const staging = stage([runFolder, ...(dataFolder === undefined ? [] : [dataFolder])]);
    try {
      const reason = whyMissing(param, log, staging.folder, context);
      if (reason !== undefined) return missing(name, reason);
      const prefix = redirectSnapshots(param, staging.folder);
      const events: SolverEvent[] = [];
      const trained = await train(param, log, compatOf(text), staging.folder, context, (event) => events.push(event));
      const comparison = new Comparison();
      compareLog(log, events, comparison);
      if (prefix !== undefined)
        compareSnapshots(log.snapshots, { recorded: staging.folder, written: dirname(prefix), trained }, comparison);
      return outcomeOf(name, comparison);
    } finally {
      staging.remove();
    }
  });
}

/** Trains; says of each parameter whether it learns (lr_mult is not 0). */
async function train(
  param: SolverParameter,
  log: TrainingLog,
  compat: Compat,
  baseFolder: string,
  { backend, registry }: CaseContext,
  onEvent: (event: SolverEvent) => void,
): Promise<boolean[]> {
  const start = log.resumedFrom === undefined ? { weights: log.weights } : { snapshot: log.resumedFrom };
  const solver = await Solver.create(param, { backend, registry, baseFolder, compat, onEvent, ...start });
  try {
    await solver.solve();
    return solver.net.learnableParams.map(({ lrMult }) => lrMult !== 0);
  } finally {
    await solver.dispose();
  }
}

/** What this run needs and is not there: layers, features, data, weights. */
function whyMissing(
  param: SolverParameter,
  log: TrainingLog,
  folder: string,
  context: CaseContext,
): string | undefined {
  const feature = unsupportedFeature(param);
  if (feature !== undefined) return feature;
  const nets: [NetParameter, number][] = [
    [netOf(trainNetSource(param), folder), Phase.TRAIN],
    ...testNetSources(param).map((source): [NetParameter, number] => [netOf(source, folder), Phase.TEST]),
  ];
  for (const [net, phase] of nets) {
    if (net.quantize) return 'quantization (quantize: true) is not built yet';
    const reason = missingReason(missingTypes(net, phase, context.registry));
    if (reason !== undefined) return reason;
    const { layer } = filterNet(net, create('NetState', { phase }));
    const absent = absentSources(layer, folder);
    if (absent.length > 0) return `not there: ${absent.join(', ')}; say where it lies with --data`;
  }
  const files = log.resumedFrom === undefined ? log.weights : [log.resumedFrom];
  const absent = files.filter((file) => !existsSync(join(folder, file)));
  return absent.length > 0 ? `not there: ${absent.join(', ')}` : undefined;
}

function netOf({ file, param }: { file?: string; param?: NetParameter }, folder: string): NetParameter {
  return param ?? readNetFile(join(folder, file!));
}

/** Snapshots go to a folder of their own: those of the recorded run keep their places. Gives the new prefix. */
function redirectSnapshots(param: SolverParameter, folder: string): string | undefined {
  if (!has(param, 'snapshotPrefix')) return undefined;
  const written = join(folder, 'written-by-this-run');
  mkdirSync(written);
  param.snapshotPrefix = join(written, basename(param.snapshotPrefix!));
  return param.snapshotPrefix;
}

/** BVLC's (and SSD's) Caffe logs the pace as "…/1 iters", NVIDIA's as "…/1 iter". */
function compatOf(log: string): Compat {
  return /iter\/s, \S+s\/\d+ iters\)/.test(log) ? 'bvlc' : 'nvcaffe';
}
