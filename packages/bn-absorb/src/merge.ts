import { type BlobProto, CaffeError, type LayerParameter } from '@jacinto/proto';
import { blobLike, channelsLike, checkedValues, copyOfValues } from './blobs.ts';
import type { Step } from './steps.ts';
import { weightsLayout } from './weights-layout.ts';

export interface MergedBlobs {
  blobs: BlobProto[];
  biasAdded: boolean;
}

/** Channels that a layer gives (`after`), or takes (`before`). @throws CaffeError where it has no weights. */
export function channelsBeside(layer: LayerParameter, blobs: readonly BlobProto[], side: 'after' | 'before'): number {
  const layout = weightsLayout(layer, weightsOf(blobs));
  return side === 'after' ? layout.outputs : layout.inputs;
}

/** Steps behind a layer, merged into it: W' = W·Πk by output channel, b' = the steps applied to b. */
export function mergeAfter(layer: LayerParameter, blobs: readonly BlobProto[], steps: readonly Step[]): MergedBlobs {
  const weights = weightsOf(blobs);
  const { outputs, outputOf } = weightsLayout(layer, weights);
  const values = copyOfValues(weights);
  const k = product(steps, outputs);
  for (let i = 0; i < values.length; i++) values[i]! *= k[outputOf(i)]!;
  const bias = biasOf(blobs, outputs, values);
  for (let o = 0; o < outputs; o++) bias[o] = applySteps(steps, bias[o]!, o);
  return withBias(blobs, values, bias);
}

/**
 * Steps before a layer, merged into it: W' = W·Πk by input channel, b' = b + Σ W·shift. Undefined, with nothing done,
 * where a shift would have to reach zeros that the layer pads with, or where a deconvolution's taps vary by place.
 */
export function mergeBefore(
  layer: LayerParameter,
  blobs: readonly BlobProto[],
  steps: readonly Step[],
  channels: number,
): MergedBlobs | undefined {
  const weights = weightsOf(blobs);
  const { outputs, outputOf, inputOf } = weightsLayout(layer, weights);
  const shift = Float64Array.from({ length: channels }, (_, c) => applySteps(steps, 0, c));
  const shifts = shift.some((value) => value !== 0);
  if (shifts && shiftProblem(layer) !== undefined) return undefined;
  const values = copyOfValues(weights);
  const k = product(steps, channels);
  const added = new Float64Array(outputs);
  for (let i = 0; i < values.length; i++) {
    const c = inputOf(i, channels);
    added[outputOf(i)]! += values[i]! * shift[c]!;
    values[i]! *= k[c]!;
  }
  if (!shifts) return { blobs: [blobLike(weights, values), ...blobs.slice(1)], biasAdded: false };
  const bias = biasOf(blobs, outputs, values);
  for (let o = 0; o < outputs; o++) bias[o]! += added[o]!;
  return withBias(blobs, values, bias);
}

/** Why a shift of the input cannot go into a layer's bias; undefined where it can. */
export function shiftProblem(layer: LayerParameter): string | undefined {
  if (layer.type === 'InnerProduct') return undefined;
  if (layer.type === 'Deconvolution') return 'a shift before a deconvolution is no constant behind it';
  const p = layer.convolutionParam;
  const pads = p !== undefined && (p.padH > 0 || p.padW > 0 || p.pad.some((pad) => pad > 0));
  if (!pads) return undefined;
  return 'the convolution behind it pads with zeros, which a shift must not change';
}

function weightsOf(blobs: readonly BlobProto[]): BlobProto {
  if (blobs[0] !== undefined) return blobs[0];
  throw new CaffeError({
    code: 'missing',
    problem: 'has no blobs in the weights',
    fix: 'use the weights that were made with this net',
  });
}

function product(steps: readonly Step[], channels: number): Float64Array {
  const k = new Float64Array(channels).fill(1);
  for (const step of steps) for (let c = 0; c < channels; c++) k[c]! *= step.k[c]!;
  return k;
}

function applySteps(steps: readonly Step[], x: number, channel: number): number {
  let y = x;
  for (const { mean, k, beta } of steps) y = (y - mean[channel]!) * k[channel]! + beta[channel]!;
  return y;
}

/** The layer's bias, to be changed; zeros where it has none. */
function biasOf(
  blobs: readonly BlobProto[],
  outputs: number,
  like: Float32Array | Float64Array,
): Float32Array | Float64Array {
  if (blobs.length > 1) return checkedValues(blobs[1], 1, outputs, { finite: false }).slice();
  return like instanceof Float64Array ? new Float64Array(outputs) : new Float32Array(outputs);
}

function withBias(
  blobs: readonly BlobProto[],
  values: Float32Array | Float64Array,
  bias: Float32Array | Float64Array,
): MergedBlobs {
  const [weights, old] = blobs as [BlobProto, BlobProto?];
  const biasBlob = old === undefined ? channelsLike(weights, bias) : blobLike(old, bias);
  return { blobs: [blobLike(weights, values), biasBlob], biasAdded: old === undefined };
}
