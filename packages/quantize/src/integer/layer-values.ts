import type { Tensor } from '@jacinto/core-tensor';
import type { QuantizationParameter_QParams as QParams } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { codeLimits } from '../bitwidth.ts';
import { isUsable } from '../estimate.ts';
import { quantizesItself } from '../layer-types.ts';
import type { QuantizableLayer, QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';
import { type Rounding, roundHalfAway, roundHalfEven } from '../trim.ts';
import { joins, slice } from './join.ts';
import type { CodeFormat } from './requantize.ts';
import { type Rounded, runLayer } from './run-layer.ts';
import { plainSums, type SumMaker } from './sum-maker.ts';
import type { Codes, Value } from './value.ts';

/** A quantized output, computed by whole numbers and by the simulation. */
export interface IntegerReport {
  layer: string;
  type: string;
  count: number;
  /** Values whose codes differ, and by how many codes at most. */
  differing: number;
  worst: number;
  /**
   * Of those that differ, values for which exact arithmetic gives the code of the whole numbers: sums in float, as the
   * simulation's, were rounded across a tie between two codes.
   */
  byFloat: number;
  /** How far from a tie the exact values of these lie at most, in codes. */
  fromTie: number;
}

/**
 * Tensors that a layer in float filled and a later layer overwrites in place: what was in them is gone once the pass has
 * ended, so that layers have to follow the simulation until its last writer.
 */
export class Overwritten {
  private readonly tensors = new Set<unknown>();

  /** Whether a layer reads values that are gone. */
  reads({ bottoms }: QuantizableLayer): boolean {
    return bottoms.some((bottom) => this.tensors.has(bottom));
  }

  /** Notes a top that a layer in float filled. */
  note(tensor: unknown, isLast: boolean): void {
    if (isLast) this.tensors.delete(tensor);
    else this.tensors.add(tensor);
  }
}

/** What the tops of a layer hold before they are rounded; undefined where it has no integer form. */
export function topsOf(
  layer: QuantizableLayer,
  bottoms: readonly Value[],
  rounded: Rounded,
  formats: readonly (CodeFormat | undefined)[],
  maker: SumMaker = plainSums,
): Value[] | undefined {
  if (bottoms.length === 0) return undefined;
  if (layer.type === 'Slice') return slice(layer, maker.codesOf(bottoms[0]!));
  if (!joins(layer)) return runLayer({ layer, bottoms, rounded, maker });
  if (bottoms.length === 1) return [...bottoms];
  return formats[0] === undefined ? undefined : [maker.join(layer, bottoms, formats[0])];
}

/** What the blobs of a layer were rounded by. */
export const roundedOf = (quantizer: Quantizer, { index }: QuantizableLayer): Rounded => {
  return { blobs: quantizer.roundedBy[index] ?? [], channels: quantizer.channelsRoundedBy[index] };
};

/** The format that each top of a layer is rounded to, as the simulation rounds it now. */
export function formatsOf(
  layer: QuantizableLayer,
  quantizer: Quantizer,
  rounding: Rounding,
): (CodeFormat | undefined)[] {
  const params = quantizer.layerParams[layer.index];
  const active = params !== undefined && params.precision !== 0 && quantizesItself(layer.type, layer.bottoms.length);
  return layer.tops.map((_, t) => {
    const q = params?.qparamOut[t];
    return active && q?.quantize && isUsable(q) ? formatOf(q, rounding) : undefined;
  });
}

/** Whether no later layer writes the tensor again: only then it still holds what this layer made. */
export const isLastOf = (net: QuantizableNet, layer: QuantizableLayer, tensor: Tensor): boolean =>
  !net.layers.some(({ index, tops: later }) => index > layer.index && later.includes(tensor));

/** @throws CaffeError 'usage' after the pass that rounded the weights. */
export function checkRounded(quantizer: Quantizer): void {
  if (quantizer.roundedFirst === quantizer.forwardCount - 1) {
    const problem = 'the weights were rounded only at the end of this pass: it ran with float weights';
    throw new CaffeError({ code: 'usage', problem, fix: 'run one pass more before comparing' });
  }
}

const formatOf = (q: QParams, rounding: Rounding): CodeFormat => ({
  ...{ scale: q.scaleTarget, offset: q.offset, bitwidth: q.bitwidth, unsigned: q.unsignedQuant, rounding },
});

/** The codes that simulated values stand for. */
export function codesFrom(values: Float32Array, shape: readonly number[], { scale, offset }: CodeFormat): Codes {
  const codes = new Float64Array(values.length);
  // + 0: no code is −0
  for (let i = 0; i < codes.length; i++) codes[i] = roundHalfEven(values[i]! * scale + offset) + 0;
  return { kind: 'codes', shape, codes, scale, offset };
}

/** Whether any sum leaves 32 bits. */
export const isWide = (value: Value): boolean =>
  value.kind === 'accumulated' && value.terms[0]!.sums.some((sum) => sum >= 2 ** 31 || sum < -(2 ** 31));

/** Compares the codes of an output. `exact`: the value at a place before it was rounded; undefined: not known. */
export function reportOf(
  { name, type }: QuantizableLayer,
  ours: Codes,
  theirs: Codes,
  { scale, offset, bitwidth, unsigned, rounding }: CodeFormat,
  exact: (i: number) => number | undefined,
): IntegerReport {
  const [low, high] = codeLimits(bitwidth, unsigned);
  const nearest = rounding === 'gpu' ? roundHalfEven : roundHalfAway;
  const found = { layer: name, type, count: ours.codes.length, differing: 0, worst: 0, byFloat: 0, fromTie: 0 };
  ours.codes.forEach((code, i) => {
    const difference = Math.abs(code - theirs.codes[i]!);
    if (!(difference <= found.worst)) found.worst = difference;
    if (difference === 0) return;
    found.differing++;
    const real = exact(i);
    if (real === undefined) return;
    const place = real * scale + offset;
    if (Math.max(low, Math.min(high, nearest(place))) !== code) return;
    found.byFloat++;
    found.fromTie = Math.max(found.fromTie, Math.abs(place - Math.floor(place) - 0.5));
  });
  return found;
}
