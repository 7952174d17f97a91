import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Net } from '@jacinto/net';
import { equals, has, type NetParameter, Phase, parseText } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { outputModelText, type QuantizeEvent, Quantizer, quantizeEventText } from '@jacinto/quantize';
import { type CaseContext, missingReason, missingTypes } from './case-context.ts';
import { Comparison, largestOf } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { type Arrays, setInputs, weightsOf } from './layer-case.ts';
import { missing, type Outcome } from './outcome.ts';
import { type RecordedBlob, type RecordedParam, readFloats, readJson, valuesAt } from './recorded.ts';
import { RecordedEdges } from './recorded-edges.ts';
import { isOneStep } from './rounding-edges.ts';

interface RecordedForwards {
  params_before: RecordedParam[];
  forwards: { inputs: RecordedBlob[]; blobs_after: RecordedBlob[]; params_after: RecordedParam[] }[];
}

const compat = 'caffe-jacinto-0.17';
const tolerance = 1e-5;

/** A case without its ending; `numbers`: the case whose arrays count, for one that has a log only. */
export interface QuantizePaths {
  path: string;
  numbers: string;
}

/**
 * A quantized net, pass by pass. Once with the recorded blobs put in after each pass, so that no rounding of a
 * convolution blurs it: weights, ranges, scales, the saved text and the log exact. Once run by the net itself: weights
 * exact, blobs to 1e-5, or one step for a small share of values that lie on an edge of rounding.
 */
export function runQuantizeCase(
  paths: QuantizePaths,
  context: CaseContext,
  name = basename(paths.path),
): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const param = readNetFile(`${paths.path}.prototxt`);
    const reason = missingReason(missingTypes(param, Phase.TEST, context.registry));
    if (reason !== undefined) return missing(name, reason);
    const comparison = new Comparison();
    await compareFields(paths, context, comparison);
    const note = await compareWithEdges(paths, context, comparison);
    return outcomeOf(name, comparison, note);
  });
}

async function load(
  { path, numbers }: QuantizePaths,
  { backend, registry }: CaseContext,
  onEvent?: (event: QuantizeEvent) => void,
) {
  const recorded = readJson<RecordedForwards>(`${numbers}.json`);
  const floats = readFloats(`${numbers}.bin`);
  const arrays: Arrays = (shape, offset) => valuesAt(floats, offset, shape, `${numbers}.bin`);
  const options = { backend, registry, phase: Phase.TEST, seed: 1, compat } as const;
  const net = await Net.create(readNetFile(`${path}.prototxt`), options);
  net.copyTrainedFrom(weightsOf(net, recorded.params_before, arrays));
  const rounding = numbers.endsWith('__gpu_rounding') ? 'gpu' : 'cpu';
  return { net, arrays, forwards: recorded.forwards, quantizer: new Quantizer({ rounding, compat, onEvent }) };
}

async function compareFields(paths: QuantizePaths, context: CaseContext, comparison: Comparison): Promise<void> {
  const events: QuantizeEvent[] = [];
  const { net, arrays, forwards, quantizer } = await load(paths, context, (event) => events.push(event));
  for (const [k, { blobs_after, params_after }] of forwards.entries()) {
    quantizer.beforeForward(net);
    for (const layer of net.layers) await quantizer.afterLayerForward(layer, net);
    await compareParams(net, params_after, arrays, `given blobs, pass ${k}: `, comparison);
    setInputs(net, blobs_after, arrays);
    await quantizer.afterForward(net);
  }
  const message = net.toProto();
  quantizer.onSave(message, net);
  await net.dispose();
  const lines = loggedLines(`${paths.path}.log`);
  // Warnings are ours alone.
  const ours = events.filter(({ type }) => type !== 'warning').map(quantizeEventText);
  if (lines !== undefined && plainZeros(ours) !== plainZeros(lines)) comparison.addFault('the log lines differ');
  if (paths.path === paths.numbers) compareSaved(paths.path, message, comparison);
}

const plainZeros = (lines: readonly string[]): string => lines.join('\n').replace(/:-0(?= |$)/gm, ':0');

/** Compares what was saved with PATH.out.prototxt and PATH.out.caffemodel, where they are. */
function compareSaved(path: string, message: NetParameter, comparison: Comparison): void {
  const weights = `${path}.out.caffemodel`;
  if (existsSync(weights) && !equals(message, readWeightsFile(weights))) comparison.addFault('the caffemodel differs');
  if (!existsSync(`${path}.out.prototxt`)) return;
  const theirs = parsed(readFileSync(`${path}.out.prototxt`, 'utf8'));
  const ours = parsed(outputModelText(message));
  for (const [i, layer] of theirs.layer.entries()) {
    if (ours.layer[i] === undefined || !equals(ours.layer[i]!, layer)) comparison.addFault(`saved layer ${layer.name}`);
  }
  if (!equals(ours, theirs)) comparison.addFault('the saved prototxt differs');
}

/** By the net alone; where that fails, once more with values on an edge of rounding put on the recorded side. */
async function compareWithEdges(
  paths: QuantizePaths,
  context: CaseContext,
  comparison: Comparison,
): Promise<string | undefined> {
  const [alone, beside] = [new Comparison(), new Comparison()];
  await compareRun(paths, context, alone);
  const edges = new RecordedEdges();
  if (alone.wrong.length > 0) await compareRun(paths, context, beside, edges);
  const isExcused = alone.wrong.length > 0 && beside.wrong.length === 0;
  comparison.addAll(isExcused ? beside : alone);
  return isExcused ? edges.words() : undefined;
}

async function compareRun(
  paths: QuantizePaths,
  context: CaseContext,
  comparison: Comparison,
  edges?: RecordedEdges,
): Promise<void> {
  const { net, arrays, forwards, quantizer } = await load(paths, context);
  if (edges === undefined) net.use(quantizer);
  else edges.follow(net, quantizer);
  let apart = 0;
  let count = 0;
  for (const [k, { inputs, blobs_after, params_after }] of forwards.entries()) {
    edges?.expect(new Map(blobs_after.map(({ blob, shape, data }) => [blob, arrays(shape, data!)])));
    setInputs(net, inputs, arrays);
    await net.forward();
    await compareParams(net, params_after, arrays, `pass ${k}: `, comparison);
    for (const { blob, shape, data } of blobs_after) {
      const [ours, theirs] = [await net.blob(blob).data.read(), arrays(shape, data!)];
      const size = Math.max(largestOf(theirs), 1);
      const step = stepOf(net, quantizer, blob);
      let worst = 0;
      for (const [i, value] of theirs.entries()) {
        const difference = Math.abs(ours[i]! - value);
        if (difference > tolerance * size && isOneStep(difference, step, size)) apart++;
        else worst = Math.max(worst, difference);
      }
      count += theirs.length;
      comparison.add(`pass ${k}: ${blob}`, worst / size, tolerance);
    }
  }
  // The finer the step, the more sums of float32 (24 bits, some lost on the way) lie on an edge.
  const bits = net.param.netQuantizationParam?.bitwidthActivations ?? 8;
  await net.dispose();
  const share = Math.max(0.002, 2 ** (bits - 23));
  if (apart > count * share) comparison.addFault(`${apart} of ${count} values are a step apart`);
  // Values on a tie itself show how ties round: few can be there by chance.
  const { ties = 0, total = 0 } = edges ?? {};
  if (ties > total * share) comparison.addFault(`${ties} of ${total} values are ties that round to the other side`);
}

async function compareParams(
  net: Net,
  params: readonly RecordedParam[],
  arrays: Arrays,
  label: string,
  comparison: Comparison,
): Promise<void> {
  for (const { layer, index, shape, data } of params) {
    const ours = await net.layer(layer).layer.blobs[index]!.data.read();
    comparison.addExact(`${label}param ${layer}[${index}]`, ours, arrays(shape, data!));
  }
}

/** A step of the coarsest quantized blob up to the last layer that makes this one; 0 where nothing is quantized. */
function stepOf(net: Net, quantizer: Quantizer, blob: string): number {
  const last = net.layers.findLastIndex(({ topNames }) => topNames.includes(blob));
  let step = 0;
  for (const params of quantizer.layerParams.slice(0, last + 1)) {
    for (const q of params?.qparamOut ?? []) if (q.quantize) step = Math.max(step, 1 / q.scaleTarget);
  }
  return step;
}

/** A net's text; zeros of ranges without their sign, which depends on the order in which values are looked at. */
function parsed(text: string): NetParameter {
  const net = parseText('NetParameter', text);
  for (const { quantizationParam: q } of net.layer) {
    for (const params of [...(q?.qparamIn ?? []), ...(q?.qparamW ?? []), ...(q?.qparamOut ?? [])]) {
      for (const field of ['min', 'max', 'offset'] as const)
        if (has(params, field) && params[field] === 0) params[field] = 0;
    }
  }
  return net;
}

/** The log's lines without what stands before them; undefined where there is no log. */
function loggedLines(path: string): string[] | undefined {
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => /^[IW]\d.*?\] (.*)$/.exec(line)?.[1] ?? []);
}
