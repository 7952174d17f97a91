import type { Tensor } from '@jacinto/core-tensor';
import type { NetLayer } from '@jacinto/net';
import type { Quantizer } from '@jacinto/quantize';
import { largestOf } from './compare.ts';

/**
 * How near to an edge (half a step, or a ReLU's 0) two sums of float32 in different order may put a value, as a share of
 * the blob's largest one: float32 keeps 24 bits, sums lose some.
 */
export const floatRounding = 2 ** -20;

/** The same for values that are rounded, in steps. */
export function nearTie(values: Float32Array, { scaleTarget }: Scale): number {
  return floatRounding * largestOf(values) * scaleTarget;
}

/** The tops of a layer that the quantizer rounds, and how. */
export function roundedTops({ index, tops }: NetLayer, quantizer: Quantizer): { i: number; top: Tensor; q: Scale }[] {
  const params = quantizer.layerParams[index]?.qparamOut ?? [];
  return tops.flatMap((top, i) => {
    const q = params[i];
    return q?.quantize && q.scaleTarget > 0 ? [{ i, top, q }] : [];
  });
}

/** How far a value's code is from half a step. */
export function distanceFromTie(value: number, { scaleTarget, offset }: Scale): number {
  const code = value * scaleTarget + offset;
  return Math.abs(code - Math.floor(code) - 0.5);
}

/** Whether a difference is one step, as far as float32 says so of values up to `size`. */
export function isOneStep(difference: number, step: number, size: number): boolean {
  return difference <= 1.001 * step + 2 ** -22 * size;
}

interface Scale {
  scaleTarget: number;
  offset: number;
}

/** Copies of what a layer made. */
export async function topsOf(layer: NetLayer): Promise<Float32Array[]> {
  const copies: Float32Array[] = [];
  for (const { data } of layer.tops) copies.push(Float32Array.from(await data.read()));
  return copies;
}
