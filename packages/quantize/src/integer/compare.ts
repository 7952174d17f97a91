import type { QuantizationParameter_QParams as QParams } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { isUsable } from '../estimate.ts';
import { hasWeights, quantizesItself } from '../layer-types.ts';
import type { QuantizableLayer, QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';
import { type Rounding, roundHalfEven } from '../trim.ts';
import { join, joins, slice } from './join.ts';
import { type CodeFormat, requantize } from './requantize.ts';
import { codesOf, runLayer } from './run-layer.ts';
import { type Codes, fixedPoint, type Value } from './value.ts';

/** A quantized output, computed by whole numbers and by the simulation. */
export interface IntegerReport {
  layer: string;
  type: string;
  count: number;
  /** Values whose codes differ, and by how many codes at most. */
  differing: number;
  worst: number;
}

export interface IntegerComparison {
  outputs: IntegerReport[];
  /** Layers without integer form (Softmax, losses, …): what follows them takes the simulation's values. */
  floatLayers: string[];
  /** Layers whose sums need more than 32 bits: a device with 32-bit accumulators would overflow. */
  wideLayers: string[];
  /** Codes of each quantized blob, by layer name. */
  codes: ReadonlyMap<string, Codes>;
}

export interface CompareOptions {
  /** As the simulation rounds; default 'gpu'. */
  rounding?: Rounding;
  /**
   * Whether each layer starts from the simulation's codes, so that a difference belongs to the layer that shows it
   * (default); false: differences add up through the net, as on a device.
   */
  isolated?: boolean;
}

/**
 * Computes the pass that a simulated net has just run again by whole numbers only (products, sums, multipliers and
 * shifts), and compares the codes of every quantized output. Call it after a pass in which weights were rounded already
 * (the second quantized one), on a net of phase TEST whose values can be read at once, and not under `compat`, where
 * sums overwrite their inputs.
 * @throws CaffeError 'usage' after the pass that rounded the weights.
 */
export function compareWithIntegers(
  net: QuantizableNet,
  quantizer: Quantizer,
  { rounding = 'gpu', isolated = true }: CompareOptions = {},
): IntegerComparison {
  if (quantizer.roundedFirst === quantizer.forwardCount - 1) {
    const problem = 'the weights were rounded only at the end of this pass: it ran with float weights';
    throw new CaffeError({ code: 'usage', problem, fix: 'run one pass more before comparing' });
  }
  if (quantizer.channelsRoundedBy.some((channels) => channels !== undefined)) {
    const problem = 'weights with a scale for each channel have no integer form yet';
    throw new CaffeError({ code: 'unsupported', problem, fix: 'compare with one scale for all weights of a layer' });
  }
  const values = new Map<unknown, Value>();
  const found: { outputs: IntegerReport[]; floatLayers: string[]; wideLayers: string[]; codes: Map<string, Codes> } = {
    ...{ outputs: [], floatLayers: [], wideLayers: [], codes: new Map() },
  };
  for (const layer of net.layers) {
    const params = quantizer.layerParams[layer.index];
    const active = params !== undefined && params.precision !== 0 && quantizesItself(layer.type, layer.bottoms.length);
    const formats = layer.tops.map((_, t) => {
      const q = params?.qparamOut[t];
      return active && q?.quantize && isUsable(q) ? formatOf(q, rounding) : undefined;
    });
    const tops = topsOf(layer, values, quantizer.roundedBy[layer.index] ?? [], formats);
    if (tops === undefined && layer.bottoms.length > 0) found.floatLayers.push(layer.name);
    if (hasWeights(layer.type) && tops?.some(isWide)) found.wideLayers.push(layer.name);
    for (const [t, tensor] of layer.tops.entries()) {
      const format = formats[t];
      const isLast = !net.layers.some(({ index, tops: later }) => index > layer.index && later.includes(tensor));
      const simulated = tensor.data.hostRead();
      const value = tops?.[t];
      if (value === undefined) {
        values.set(
          tensor,
          format === undefined ? fixedPoint(simulated, tensor.shape) : codesFrom(simulated, tensor.shape, format),
        );
        continue;
      }
      if (format === undefined) {
        values.set(tensor, value);
        continue;
      }
      const codes = requantize(value, format);
      found.codes.set(layer.name, codes);
      const theirs = codesFrom(simulated, tensor.shape, format);
      if (isLast) found.outputs.push(report(layer, codes, theirs));
      values.set(tensor, isLast && isolated ? theirs : codes);
    }
  }
  return found;
}

function topsOf(
  layer: QuantizableLayer,
  values: ReadonlyMap<unknown, Value>,
  rounded: readonly (QParams | undefined)[],
  formats: readonly (CodeFormat | undefined)[],
): Value[] | undefined {
  const bottoms = layer.bottoms.map((bottom) => values.get(bottom)!);
  if (bottoms.length === 0) return undefined;
  if (layer.type === 'Slice') return slice(layer, codesOf(bottoms[0]!));
  if (!joins(layer)) return runLayer({ layer, bottoms, rounded });
  if (bottoms.length === 1) return bottoms;
  return formats[0] === undefined ? undefined : [join(layer, bottoms, formats[0])];
}

const formatOf = (q: QParams, rounding: Rounding): CodeFormat => ({
  ...{ scale: q.scaleTarget, offset: q.offset, bitwidth: q.bitwidth, unsigned: q.unsignedQuant, rounding },
});

function codesFrom(values: Float32Array, shape: readonly number[], { scale, offset }: CodeFormat): Codes {
  const codes = Float64Array.from(values, (v) => roundHalfEven(v * scale + offset) + 0);
  return { kind: 'codes', shape, codes, scale, offset };
}

const isWide = (value: Value): boolean =>
  value.kind === 'accumulated' && value.terms[0]!.sums.some((sum) => sum >= 2 ** 31 || sum < -(2 ** 31));

function report({ name, type }: QuantizableLayer, ours: Codes, theirs: Codes): IntegerReport {
  let differing = 0;
  let worst = 0;
  ours.codes.forEach((code, i) => {
    const difference = Math.abs(code - theirs.codes[i]!);
    if (difference !== 0) differing++;
    if (!(difference <= worst)) worst = difference;
  });
  return { layer: name, type, count: ours.codes.length, differing, worst };
}
