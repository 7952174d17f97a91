import { hasWeights } from '../layer-types.ts';
import type { QuantizableLayer, QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';
import type { Rounding } from '../trim.ts';
import { joins } from './join.ts';
import {
  checkRounded,
  codesFrom,
  formatsOf,
  type IntegerReport,
  isLastOf,
  isWide,
  Overwritten,
  reportOf,
  roundedOf,
  topsOf,
} from './layer-values.ts';
import { requantize } from './requantize.ts';
import { realAt } from './sum-maker.ts';
import { accumulatedOf, type Codes, fixedPoint, type Value } from './value.ts';

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
  checkRounded(quantizer);
  const values = new Map<unknown, Value>();
  const found: { outputs: IntegerReport[]; floatLayers: string[]; wideLayers: string[]; codes: Map<string, Codes> } = {
    ...{ outputs: [], floatLayers: [], wideLayers: [], codes: new Map() },
  };
  const overwritten = new Overwritten();
  for (const layer of net.layers) {
    const formats = formatsOf(layer, quantizer, rounding);
    const bottoms = layer.bottoms.map((bottom) => values.get(bottom)!);
    const tops = overwritten.reads(layer) ? undefined : topsOf(layer, bottoms, roundedOf(quantizer, layer), formats);
    if (tops === undefined && layer.bottoms.length > 0) found.floatLayers.push(layer.name);
    if (hasWeights(layer.type) && tops?.some(isWide)) found.wideLayers.push(layer.name);
    for (const [t, tensor] of layer.tops.entries()) {
      const format = formats[t];
      const isLast = isLastOf(net, layer, tensor);
      const simulated = tensor.data.hostRead();
      const value = tops?.[t];
      if (value === undefined) {
        overwritten.note(tensor, isLast);
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
      if (isLast) found.outputs.push(reportOf(layer, codes, theirs, format, exactOf(layer, value)));
      values.set(tensor, isLast && isolated ? theirs : codes);
    }
  }
  return found;
}

/** Reads values before they are rounded; those of joins are rounded already. */
export function exactOf(layer: QuantizableLayer, value: Value): (i: number) => number | undefined {
  if (joins(layer)) return () => undefined;
  const sums = accumulatedOf(value);
  return (i) => realAt(sums, i);
}
