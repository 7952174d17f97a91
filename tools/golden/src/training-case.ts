import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { filterNet, type Net } from '@jacinto/net';
import { parseTrainingLog, type TrainingLog } from '@jacinto/plot/log';
import { create, has, type NetParameter, Phase, type SolverParameter } from '@jacinto/proto';
import { readNetFile, readSolverFile } from '@jacinto/proto/node';
import { Quantizer } from '@jacinto/quantize';
import {
  type Compat,
  Solver,
  type SolverEvent,
  type SolverOptions,
  type SolverPlugin,
  testNetSources,
  trainNetSource,
} from '@jacinto/solvers-mixed';
import { fractionFor, sparsityLog, sparsityPlugin } from '@jacinto/sparsity';
import { type CaseContext, missingReason, missingTypes } from './case-context.ts';
import { Comparison } from './compare.ts';
import { compareLog } from './compare-log.ts';
import { compareSnapshots } from './compare-snapshots.ts';
import { compareSparsityLog, compareZeros } from './compare-sparsity.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import { type ReluEdges, searchEdges } from './relu-edges.ts';
import { whatIsAbsent } from './sources.ts';
import { folderOf, Staging } from './staging.ts';
import { unsupportedFeature } from './unsupported.ts';

/**
 * Iterations over which sparse runs are compared in losses and weights. A mask makes small differences large: real
 * caffe-jacinto with another BLAS kernel differs by 1e-5 in the loss at 10, 8e-4 at 20, 0.15 at 50. Counts of zeros and
 * the log's lines are compared to the end.
 */
const sparseIterations = 12;
/** Of weights after so many: with another BLAS kernel they differ by up to 1e-6. */
const sparseTolerance = 1e-5;

/**
 * Runs a recorded training again: from the weights or the solver state that its log names, with the habits of the Caffe
 * that wrote it. Compares every logged loss, rate and test output, and the snapshots where they lie beside the log.
 * Nothing is written into the recorded folder. A sparse run that fails is run again with inputs of ReLU layers that lie
 * on an edge of 0 put on the other side; the outcome says which.
 */
export async function runTrainingCase(
  solverFile: string,
  logFile: string,
  context: CaseContext,
  name = basename(solverFile),
): Promise<Outcome> {
  const run = (edges?: ReluEdges) => runOn(context, solverFile, logFile, name, edges);
  const outcome = await run();
  if (outcome.status !== 'failed' || !/^sparse_mode:/m.test(readFileSync(solverFile, 'utf8'))) return outcome;
  // A ReLU whose input is rounding noise beside 0, and a mask makes another run of it.
  const again = await searchEdges(run, sparseIterations);
  return again === undefined ? outcome : { ...again, reason: `${again.reason}; without: ${outcome.reason}` };
}

function runOn(
  context: CaseContext,
  solverFile: string,
  logFile: string,
  name: string,
  edges?: ReluEdges,
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
      const { events, trained, lines, smallest } = await train(param, {
        ...{ backend, registry, baseFolder: staging.folder, compat: compatOf(text) },
        ...start,
        edges,
      });
      const comparison = new Comparison();
      if (param.sparseMode === 0) {
        compareLog(log, events, comparison);
        await compareSnapshots(snapshots, written, trained, comparison);
        return outcomeOf(name, comparison);
      }
      const from = events.find(({ type }) => type === 'iteration') as { iter: number } | undefined;
      const until = (from?.iter ?? 0) + sparseIterations;
      const early = <T extends { iteration: number }>(rows: readonly T[]) =>
        rows.filter((row) => row.iteration <= until);
      compareLog({ ...log, train: early(log.train), test: early(log.test) }, events, comparison);
      compareSparsityLog(text, lines, smallest, comparison);
      const isEarly = (file: string) => Number(/_iter_(\d+)/.exec(basename(file))?.[1] ?? 0) <= until;
      const [soon, late] = [snapshots.filter(isEarly), snapshots.filter((file) => !isEarly(file))];
      await compareSnapshots(soon, written, trained, comparison, sparseTolerance);
      // Where weights agree, so must all zeros.
      compareZeros(soon, written, comparison.wrong.length === 0, comparison);
      compareZeros(late, written, param.sparsityTarget === 0, comparison);
      return outcomeOf(name, comparison);
    } finally {
      staging.remove();
    }
  });
}

/**
 * Trains; gives what the solver told, the lines about sparsity, of each parameter whether it learns (lr_mult is not 0),
 * and how many weights the smallest layer has that is made sparse.
 */
async function train(
  param: SolverParameter,
  { edges, ...options }: SolverOptions & { compat: Compat; edges: ReluEdges | undefined },
): Promise<{ events: SolverEvent[]; trained: boolean[]; lines: string[]; smallest: number }> {
  const events: SolverEvent[] = [];
  const lines: string[] = [];
  const compat = options.compat === 'caffe-jacinto-0.17' ? options.compat : undefined;
  const sparsity = sparsityPlugin(param, {
    compat,
    onEvent: (event) => {
      for (const { severity, source, text } of sparsityLog(event))
        lines.push(`${severity} ${source}] ${text}`.trimEnd());
    },
  });
  const quantize: SolverPlugin = {
    setUp: ({ net, testNets }) => {
      if (edges !== undefined) net.use(edges);
      const asking = [net, ...testNets].filter((one) => one.param.quantize);
      for (const one of asking) one.use(new Quantizer({ rounding: compat === undefined ? 'gpu' : 'cpu', compat }));
    },
  };
  const plugins = sparsity === undefined ? [quantize] : [sparsity, quantize];
  const solver = await Solver.create(param, { ...options, plugins, onEvent: (event) => events.push(event) });
  try {
    await solver.solve();
    const trained = solver.net.learnableParams.map(({ lrMult }) => lrMult !== 0);
    return { events, lines, trained, smallest: smallestSparse(solver.net) };
  } finally {
    await solver.dispose();
  }
}

/** Weights of the smallest convolution that is made sparse; Infinity where none is. */
function smallestSparse({ layers }: Net): number {
  const counts = layers.flatMap(({ type, layer }) => {
    const [weights] = layer.blobs;
    if (type !== 'Convolution' || weights === undefined) return [];
    const group = layer.layerParam.convolutionParam?.group ?? 1;
    const isSparse = fractionFor({ shape: weights.shape, group }, { low: 0, mid: 0, high: 0 }) !== undefined;
    return isSparse ? [weights.count] : [];
  });
  return Math.min(Number.POSITIVE_INFINITY, ...counts);
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

/** BVLC's (and SSD's) Caffe logs the pace as "…/1 iters", NVIDIA's as "…/1 iter"; only 0.17 names a data type. */
function compatOf(log: string): Compat {
  if (/solver\.cpp:\d+\] Solver data type: /.test(log)) return 'caffe-jacinto-0.17';
  return /iter\/s, \S+s\/\d+ iters\)/.test(log) ? 'bvlc' : 'nvcaffe';
}
