import type { RandomStream } from '@jacinto/core-tensor';
import { type FillerParameter, has } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';

/** Writes all `values` of a tensor of `shape` (C order). Pure but for the numbers it takes from `random`. */
export type FillFunction = (
  values: Float32Array | Float64Array,
  shape: readonly number[],
  param: FillerParameter,
  random: RandomStream,
) => void;

/** A filler type: its prototxt name and what it writes. */
export interface FillerType {
  readonly type: string;
  readonly fill: FillFunction;
  /** Whether `sparse` means something to it. */
  readonly sparse?: boolean;
}

/** Values a slice of axis 0 has: the inputs of one output, as Caffe counts them. */
export function fanIn(values: { length: number }, shape: readonly number[]): number {
  return values.length / Math.max(1, shape[0] ?? 1);
}

/** Values a slice of axis 1 has. */
export function fanOut(values: { length: number }, shape: readonly number[]): number {
  return values.length / Math.max(1, shape[1] ?? 1);
}

/** A fault of a filler's own fields. */
export function fillerError(param: FillerParameter, field: string, problem: string, fix?: string): CaffeError {
  return new CaffeError({ code: 'bad-value', field: `filler.${field}`, problem, fix: fix ?? `(type "${param.type}")` });
}

/** @throws CaffeError where `sparse` is given to a filler that is never sparse. */
export function checkSparse({ type, sparse }: FillerType, param: FillerParameter): void {
  if (sparse || !has(param, 'sparse') || param.sparse === -1) return;
  throw fillerError(param, 'sparse', `is ${param.sparse}, but "${type}" is never sparse`, 'use type "gaussian"');
}
