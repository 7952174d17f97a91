import type { LayerParameter } from '@jacinto/proto';
import type { QuantizableLayer } from '../quantizable-net.ts';
import { convolve, deconvolve, multiply, type Windows } from './convolve.ts';
import { join } from './join.ts';
import { pool } from './pool.ts';
import type { CodeFormat } from './requantize.ts';
import { type Accumulated, accumulatedOf, type Codes, channelsOf, fixedPoint, innerOf, type Value } from './value.ts';

type Shape = readonly number[];

/** Who makes the sums that layers need: plain loops, or a plan that only notes what is wanted. */
export interface SumMaker {
  convolve(x: Codes, w: Codes, shape: Shape, windows: Windows, bias: Float64Array): Accumulated;
  deconvolve(x: Codes, w: Codes, shape: Shape, windows: Windows, bias: Float64Array): Accumulated;
  multiply(x: Codes, w: Codes, shape: Shape, transposed: boolean, bias: Float64Array): Accumulated;
  pool(x: Codes, param: LayerParameter, shape: Shape): Codes | Accumulated | undefined;
  product(a: Codes, b: Codes): Float64Array;
  /** Concat and Eltwise MAX: all inputs in the codes of `format`, then put together. */
  join(layer: QuantizableLayer, bottoms: readonly Value[], format: CodeFormat): Codes;
  codesOf(value: Value): Codes;
  /** Codes of a blob that was rounded by `by`: made, or remembered where that is safe. */
  weights(by: object, make: () => Codes): Codes;
}

export const plainSums: SumMaker = {
  ...{ convolve, deconvolve, multiply, pool, join, codesOf },
  weights: (_by, make) => make(),
  product: (a, b) => a.codes.map((code, i) => code * b.codes[i]!),
};

/** A value as codes: sums that nothing rounds, because their layer is not quantized, become 24-bit integers. */
export function codesOf(value: Value): Codes {
  return value.kind === 'codes' ? value : fixedPoint(realOf(value), value.shape);
}

/** The real values that sums stand for. */
function realOf(value: Value): Float64Array {
  const sums = accumulatedOf(value);
  return Float64Array.from(sums.terms[0]!.sums, (_, i) => realAt(sums, i));
}

/** The real value at a place; `sumAt`: reads sums, which a plan does not hold. */
export function realAt(
  { terms, add, slopes, shape }: Accumulated,
  i: number,
  sumAt: (sums: Float64Array, i: number) => number = (sums, at) => sums[at]!,
): number {
  const c = Math.floor(i / innerOf(shape)) % channelsOf(shape);
  const sum = terms.reduce((total, { sums, factors }) => total + sumAt(sums, i) * factors[c]!, add[c]!);
  return slopes !== undefined && sum < 0 ? sum * slopes[c]! : sum;
}
