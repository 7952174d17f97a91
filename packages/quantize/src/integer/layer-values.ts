import type { Tensor } from '@jacinto/core-tensor';
import type { QuantizationParameter_QParams as QParams } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { isUsable } from '../estimate.ts';
import { quantizesItself } from '../layer-types.ts';
import type { QuantizableLayer, QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';
import { type Rounding, roundHalfEven } from '../trim.ts';
import { joins, slice } from './join.ts';
import type { CodeFormat } from './requantize.ts';
import { runLayer } from './run-layer.ts';
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
}

/** What the tops of a layer hold before they are rounded; undefined where it has no integer form. */
export function topsOf(
  layer: QuantizableLayer,
  bottoms: readonly Value[],
  rounded: readonly (QParams | undefined)[],
  formats: readonly (CodeFormat | undefined)[],
  maker: SumMaker = plainSums,
): Value[] | undefined {
  if (bottoms.length === 0) return undefined;
  if (layer.type === 'Slice') return slice(layer, maker.codesOf(bottoms[0]!));
  if (!joins(layer)) return runLayer({ layer, bottoms, rounded, maker });
  if (bottoms.length === 1) return [...bottoms];
  return formats[0] === undefined ? undefined : [maker.join(layer, bottoms, formats[0])];
}

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
  if (quantizer.channelsRoundedBy.some((channels) => channels !== undefined)) {
    const problem = 'weights with a scale for each channel have no integer form yet';
    throw new CaffeError({ code: 'unsupported', problem, fix: 'compare with one scale for all weights of a layer' });
  }
}

const formatOf = (q: QParams, rounding: Rounding): CodeFormat => ({
  ...{ scale: q.scaleTarget, offset: q.offset, bitwidth: q.bitwidth, unsigned: q.unsignedQuant, rounding },
});

/** The codes that simulated values stand for. */
export function codesFrom(values: Float32Array, shape: readonly number[], { scale, offset }: CodeFormat): Codes {
  const codes = Float64Array.from(values, (v) => roundHalfEven(v * scale + offset) + 0);
  return { kind: 'codes', shape, codes, scale, offset };
}

/** Whether any sum leaves 32 bits. */
export const isWide = (value: Value): boolean =>
  value.kind === 'accumulated' && value.terms[0]!.sums.some((sum) => sum >= 2 ** 31 || sum < -(2 ** 31));

/** Compares the codes of an output. */
export function reportOf({ name, type }: QuantizableLayer, ours: Codes, theirs: Codes): IntegerReport {
  let differing = 0;
  let worst = 0;
  ours.codes.forEach((code, i) => {
    const difference = Math.abs(code - theirs.codes[i]!);
    if (difference !== 0) differing++;
    if (!(difference <= worst)) worst = difference;
  });
  return { layer: name, type, count: ours.codes.length, differing, worst };
}
