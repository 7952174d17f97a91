import type { Values } from '../values.ts';

/**
 * Copies `outer` runs of `length` values: run o goes from xOffset + o·xStride to yOffset + o·yStride (all counted in
 * values). Runs may overlap in y: they go in order, so accumulating sums them. It serves Concat, Slice, Crop, Tile,
 * Split. A plain copy is outer 1.
 */
export interface CopySpec {
  outer: number;
  length: number;
  xStride: number;
  yStride: number;
}

export interface CopyOperation {
  /** Adds to y where `accumulate`, else overwrites the runs. x and y must not overlap. Offsets default to 0. */
  run(x: Values, y: Values, options?: { xOffset?: number; yOffset?: number; accumulate?: boolean }): void;
}

/** y = alpha·x + beta·y over `count` values. beta 0 never reads y; x and y may be one buffer. */
export interface AxpbySpec {
  count: number;
}

export interface AxpbyOperation {
  run(alpha: number, x: Values, beta: number, y: Values): void;
}

/** y = value over `count` values. */
export interface FillSpec {
  count: number;
}

export interface FillOperation {
  run(value: number, y: Values): void;
}

/** y = x with axes in another order: axis i of y is axis order[i] of x (Caffe: Permute). */
export interface PermuteSpec {
  shape: readonly number[];
  order: readonly number[];
}

export interface PermuteOperation {
  forward(x: Values, y: Values): void;
  /** The inverse: dx overwritten. */
  backward(dy: Values, dx: Values): void;
}
