import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { filterNet, Net } from '@jacinto/net';
import { clone, create, type NetParameter, Phase } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { Quantizer } from '@jacinto/quantize';
import { readOutputs } from '@jacinto/solvers-mixed';
import { convolutionsOf, sparsityTable, tableLines } from '@jacinto/sparsity';
import { type CaseContext, missingReason, missingTypes, trainingTolerance } from './case-context.ts';
import { Comparison, relativeError } from './compare.ts';
import { EdgeNoise } from './edge-noise.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import { whatIsAbsent } from './sources.ts';
import { Staging } from './staging.ts';

export interface TestPaths {
  model: string;
  weights: string;
  log: string;
}

const compat = 'caffe-jacinto-0.17';
/** Runs that show how far rounding moves outputs. */
const disturbedRuns = 6;

type TestContext = CaseContext & { baseFolder: string };

/**
 * Scores a model as `caffe test` of caffe-jacinto 0.17 did, quantized where its prototxt says so: every batch's outputs,
 * the table of zeros exact, and the fields of the saved net (NAME_out.prototxt).
 */
export function runTestCase(paths: TestPaths, context: CaseContext, name = basename(paths.log)): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const param = readNetFile(paths.model);
    const staging = new Staging(dirname(paths.model), context.dataFolder);
    try {
      const { layer } = filterNet(param, create('NetState', { phase: Phase.TEST }));
      const reason = missingReason(missingTypes(param, Phase.TEST, context.registry)) ?? whatIsAbsent(layer, staging);
      if (reason !== undefined) return missing(name, reason);
      const comparison = new Comparison();
      const note = await compareTest(param, paths, { ...context, baseFolder: staging.folder }, comparison);
      return outcomeOf(name, comparison, note);
    } finally {
      staging.remove();
    }
  });
}

/** An output of a batch. */
interface Row {
  batch: number;
  blob: string;
  value: number;
}

/**
 * Compares one run with the log; a quantized one that fails, once more by how far values on an edge of rounding move
 * each output. Gives what to say about that.
 */
async function compareTest(
  param: NetParameter,
  paths: TestPaths,
  context: TestContext,
  comparison: Comparison,
): Promise<string | undefined> {
  const log = readFileSync(paths.log, 'utf8');
  const logged = loggedRows(log);
  const { rows, saved } = await run(param, paths, context, logged);
  compareTable(saved, log, comparison);
  const out = paths.log.replace(/\.log$/, '_out.prototxt');
  if (existsSync(out)) compareSaved(saved, readNetFile(out), comparison);
  const isNear = ({ value }: Row, i: number) => relativeError([rows[i]!.value], [value]) <= trainingTolerance;
  const asks = param.quantize && !logged.every(isNear);
  const spread = asks ? await spreadOf(param, paths, context, logged) : undefined;
  for (const [i, { batch, blob, value }] of logged.entries()) {
    const tolerance = Math.max(trainingTolerance, (spread?.[i] ?? 0) / Math.abs(value));
    comparison.add(`batch ${batch}: ${blob}`, relativeError([rows[i]!.value], [value]), tolerance);
  }
  if (spread === undefined) return undefined;
  const widest = Math.max(...spread.map((width, i) => width / Math.abs(logged[i]!.value)));
  return `values on an edge of rounding move outputs by up to ${widest.toExponential(1)}`;
}

/** How far apart the values of each row lie in a few runs with values on an edge of rounding put on either side. */
async function spreadOf(
  param: NetParameter,
  paths: TestPaths,
  context: TestContext,
  logged: readonly Row[],
): Promise<number[]> {
  const runs: Row[][] = [];
  for (let seed = 1; seed <= disturbedRuns; seed++) {
    runs.push((await run(param, paths, context, logged, new EdgeNoise(seed))).rows);
  }
  return logged.map((_, i) => {
    const values = runs.map((rows) => rows[i]!.value);
    return Math.max(...values) - Math.min(...values);
  });
}

/** The outputs that a log names, as we compute them, and the net as it would be saved. */
async function run(
  param: NetParameter,
  paths: TestPaths,
  { backend, registry, baseFolder }: TestContext,
  logged: readonly Row[],
  noise?: EdgeNoise,
): Promise<{ rows: Row[]; saved: NetParameter }> {
  const net = await Net.create(clone(param), { backend, registry, phase: Phase.TEST, seed: 1, baseFolder, compat });
  net.copyTrainedFrom(readWeightsFile(paths.weights), { file: paths.weights });
  const quantizer = new Quantizer({ rounding: 'cpu', compat });
  if (noise !== undefined) noise.follow(net, quantizer);
  else if (param.quantize) net.use(quantizer);
  const rows: Row[] = [];
  for (let batch = 0; batch <= Math.max(-1, ...logged.map((row) => row.batch)); batch++) {
    await net.forward();
    const outputs = await readOutputs(net);
    for (const { blob } of logged.filter((row) => row.batch === batch)) {
      rows.push({ batch, blob, value: outputs.find((one) => one.blob === blob)?.value ?? Number.NaN });
    }
  }
  await net.readParams();
  const saved = net.toProto();
  await net.dispose();
  return { rows, saved };
}

const loggedRows = (log: string): Row[] =>
  [...log.matchAll(/Batch (\d+), (\S+) = (\S+)/g)]
    .map(([, batch, blob, value]) => ({ batch: Number(batch), blob: blob!, value: Number(value) }))
    .sort((a, b) => a.batch - b.batch);

function compareTable(saved: NetParameter, log: string, comparison: Comparison): void {
  const theirs = log.split('\n').flatMap((line) => /net\.cpp:27(?:27|38|42)\] (.*?)\s*$/.exec(line)?.[1] ?? []);
  const ours = tableLines(sparsityTable(convolutionsOf(saved))).map((line) => line.trimEnd());
  if (theirs.length > 0 && ours.join('\n') !== theirs.join('\n')) comparison.addFault('the table of zeros differs');
}

/** Whole fields equal, ranges and scales nearly: both nets computed their own convolutions. */
function compareSaved(ours: NetParameter, theirs: NetParameter, comparison: Comparison): void {
  if (ours.name !== theirs.name) comparison.addFault(`the saved net is called ${ours.name}, not ${theirs.name}`);
  for (const [i, layer] of theirs.layer.entries()) {
    const own = ours.layer[i];
    if (own === undefined || own.name !== layer.name) {
      comparison.addFault(`saved layer ${i} is not ${layer.name}`);
      return;
    }
    for (const list of ['qparamIn', 'qparamW', 'qparamOut'] as const) {
      for (const [k, q] of (layer.quantizationParam?.[list] ?? []).entries()) {
        const label = `saved ${layer.name} ${list}[${k}]`;
        const found = own.quantizationParam?.[list][k] ?? create('QuantizationParameter.QParams');
        for (const field of [
          'quantize',
          'bitwidth',
          'fracbits',
          'shiftbits',
          'unsignedData',
          'unsignedQuant',
        ] as const) {
          comparison.addExact(`${label} ${field}`, [Number(found[field])], [Number(q[field])]);
        }
        for (const field of ['scaleTarget', 'scaleApplied', 'offset', 'min', 'max'] as const) {
          comparison.add(`${label} ${field}`, relativeError([found[field]], [q[field]]), trainingTolerance);
        }
      }
    }
  }
}
