import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { filterNet } from '@jacinto/net';
import { parseTrainingLog, type TrainingLog } from '@jacinto/plot/log';
import { create, has, type NetParameter, Phase, type SolverParameter } from '@jacinto/proto';
import { readNetFile, readSolverFile } from '@jacinto/proto/node';
import {
  type Compat,
  Solver,
  type SolverEvent,
  type SolverOptions,
  testNetSources,
  trainNetSource,
} from '@jacinto/solvers-mixed';
import { type CaseContext, missingReason, missingTypes } from './case-context.ts';
import { Comparison } from './compare.ts';
import { compareLog } from './compare-log.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import { whatIsAbsent } from './sources.ts';
import { folderOf, Staging } from './staging.ts';
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
    const runFolder = netFile === undefined ? dirname(solverFile) : folderOf(netFile, dirname(solverFile));
    if (runFolder === undefined) return missing(name, `its net ${netFile} is not there`);
    const staging = new Staging(runFolder, context.dataFolder);
    try {
      const reason = unsupportedFeature(param) ?? whyNetsMissing(param, staging, context);
      if (reason !== undefined) return missing(name, reason);
      /** A file that the log names, at its path or beside the log. */
      const find = (file: string) =>
        [
          resolve(staging.folder, file),
          join(staging.folder, basename(file)),
          join(dirname(logFile), basename(file)),
        ].find(existsSync);
      const start = startOf(log, find);
      if (typeof start === 'string') return missing(name, start);
      const snapshots = log.snapshots.flatMap((file) => find(file) ?? []);
      const written = redirectSnapshots(param, staging.folder);
      const { backend, registry } = context;
      const baseFolder = staging.folder;
      const { events, trained } = await train(param, {
        backend,
        registry,
        baseFolder,
        compat: compatOf(text),
        ...start,
      });
      const comparison = new Comparison();
      compareLog(log, events, comparison);
      await compareSnapshots(snapshots, written, trained, comparison);
      return outcomeOf(name, comparison);
    } finally {
      staging.remove();
    }
  });
}

/** Trains; gives what the solver told, and of each parameter whether it learns (lr_mult is not 0). */
async function train(
  param: SolverParameter,
  options: SolverOptions,
): Promise<{ events: SolverEvent[]; trained: boolean[] }> {
  const events: SolverEvent[] = [];
  const solver = await Solver.create(param, { ...options, onEvent: (event) => events.push(event) });
  try {
    await solver.solve();
    return { events, trained: solver.net.learnableParams.map(({ lrMult }) => lrMult !== 0) };
  } finally {
    await solver.dispose();
  }
}

/** What the nets of this run need and is not there: layers, features, data. */
function whyNetsMissing(param: SolverParameter, staging: Staging, { registry }: CaseContext): string | undefined {
  const netOf = ({ file, param: net }: { file?: string; param?: NetParameter }) =>
    net ?? readNetFile(join(staging.folder, file!));
  const nets: [NetParameter, number][] = [
    [netOf(trainNetSource(param)), Phase.TRAIN],
    ...testNetSources(param).map((source): [NetParameter, number] => [netOf(source), Phase.TEST]),
  ];
  for (const [net, phase] of nets) {
    if (net.quantize) return 'quantization (quantize: true): not built yet';
    const { layer } = filterNet(net, create('NetState', { phase }));
    const reason = missingReason(missingTypes(net, phase, registry)) ?? whatIsAbsent(layer, staging);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Where the run starts from, or why it cannot be repeated. */
function startOf(
  { weights, resumedFrom }: TrainingLog,
  find: (file: string) => string | undefined,
): Pick<SolverOptions, 'weights' | 'snapshot'> | string {
  if (resumedFrom !== undefined) {
    const snapshot = find(resumedFrom);
    return snapshot === undefined ? `the state ${resumedFrom} is not there` : { snapshot };
  }
  if (weights.length === 0) return 'its log names no weights to start from: random ones cannot be repeated';
  const found = weights.map((file) => find(file));
  const absent = weights.filter((_, i) => found[i] === undefined);
  return absent.length > 0 ? `the weights ${absent.join(', ')} are not there` : { weights: found as string[] };
}

/** Snapshots go to a folder of their own: those of the recorded run keep their places. */
function redirectSnapshots(param: SolverParameter, folder: string): string {
  const written = join(folder, 'written-by-this-run');
  mkdirSync(written);
  if (has(param, 'snapshotPrefix')) param.snapshotPrefix = join(written, basename(param.snapshotPrefix!));
  return written;
}

/** BVLC's (and SSD's) Caffe logs the pace as "…/1 iters", NVIDIA's as "…/1 iter". */
function compatOf(log: string): Compat {
  return /iter\/s, \S+s\/\d+ iters\)/.test(log) ? 'bvlc' : 'nvcaffe';
}
