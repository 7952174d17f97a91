import type { NetLayer } from '@jacinto/net';

/**
 * How near to half a step two sums of float32 in different order may put a value, as a share of the blob's largest code:
 * float32 keeps 24 bits, sums lose some.
 */
export const floatRounding = 2 ** -20;

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
