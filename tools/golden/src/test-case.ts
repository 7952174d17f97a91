import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Backend } from '@jacinto/core-tensor';
import { filterNet, Net } from '@jacinto/net';
import { clone, create, type NetParameter, Phase } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { Quantizer } from '@jacinto/quantize';
import { readOutputs } from '@jacinto/solvers-mixed';
import { convolutionsOf, sparsityTable, tableLines } from '@jacinto/sparsity';
import { type CaseContext, missingReason, missingTypes, trainingTolerance } from './case-context.ts';
import { Comparison, relativeError } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import { allowingForEdges, type RoundingEdges } from './rounding-edges.ts';
import { whatIsAbsent } from './sources.ts';
import { Staging } from './staging.ts';

export interface TestPaths {
  model: string;
  weights: string;
  log: string;
}

const compat = 'caffe-jacinto-0.17';

/**
 * Scores a model as `caffe test` of caffe-jacinto 0.17 did, quantized where its prototxt says so: every batch's outputs,
 * the table of zeros exact, and the fields of the saved net (NAME_out.prototxt).
 */
export function runTestCase(paths: TestPaths, context: CaseContext, name = basename(paths.log)): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const log = readFileSync(paths.log, 'utf8');
    const param = readNetFile(paths.model);
    const staging = new Staging(dirname(paths.model), context.dataFolder);
    try {
      const { layer } = filterNet(param, create('NetState', { phase: Phase.TEST }));
      const reason = missingReason(missingTypes(param, Phase.TEST, context.registry)) ?? whatIsAbsent(layer, staging);
      if (reason !== undefined) return missing(name, reason);
      const comparison = new Comparison();
      const note = await allowingForEdges(context.backend, comparison, (one, edges) =>
        compareRun(param, paths, { ...context, baseFolder: staging.folder }, { log, comparison: one, edges }),
      );
      return outcomeOf(name, comparison, note);
    } finally {
      staging.remove();
    }
  });
}

async function compareRun(
  param: NetParameter,
  paths: TestPaths,
  context: CaseContext & { baseFolder: string },
  { log, comparison, edges }: { log: string; comparison: Comparison; edges: RoundingEdges | undefined },
): Promise<void> {
  const load = async (backend: Backend): Promise<Net> => {
    const { registry, baseFolder } = context;
    const net = await Net.create(clone(param), { backend, registry, phase: Phase.TEST, seed: 1, baseFolder, compat });
    net.copyTrainedFrom(readWeightsFile(paths.weights), { file: paths.weights });
    return net;
  };
  const quantizer = () => new Quantizer({ rounding: 'cpu', compat });
  const net = await load(context.backend);
  const witness = edges && param.quantize ? await load(edges.backend) : undefined;
  if (witness !== undefined) {
    edges!.watch(witness, quantizer());
    edges!.follow(net, quantizer());
  } else if (param.quantize) net.use(quantizer());
  await compareBatches(net, log, comparison, witness);
  await net.readParams();
  const saved = net.toProto();
  await net.dispose();
  await witness?.dispose();
  compareTable(saved, log, comparison);
  const out = paths.log.replace(/\.log$/, '_out.prototxt');
  if (existsSync(out)) compareSaved(saved, readNetFile(out), comparison);
}

async function compareBatches(net: Net, log: string, comparison: Comparison, witness: Net | undefined): Promise<void> {
  const logged = [...log.matchAll(/Batch (\d+), (\S+) = (\S+)/g)].map(([, batch, blob, value]) => ({
    batch: Number(batch),
    blob: blob!,
    value: Number(value),
  }));
  for (let batch = 0; batch <= Math.max(-1, ...logged.map((row) => row.batch)); batch++) {
    await witness?.forward();
    await net.forward();
    const outputs = await readOutputs(net);
    for (const row of logged.filter((one) => one.batch === batch)) {
      const ours = outputs.find(({ blob }) => blob === row.blob)?.value ?? Number.NaN;
      comparison.add(`batch ${batch}: ${row.blob}`, relativeError([ours], [row.value]), trainingTolerance);
    }
  }
}

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
