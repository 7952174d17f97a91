import type { LayerParameter, QuantizationParameter_QParams as QParams } from '@jacinto/proto';
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
  /** Codes of a blob that was rounded by `q`: made, or remembered where that is safe. */
  weights(q: QParams, make: () => Codes): Codes;
}

export const plainSums: SumMaker = {
  ...{ convolve, deconvolve, multiply, pool, join, codesOf },
  weights: (_q, make) => make(),
  product: (a, b) => a.codes.map((code, i) => code * b.codes[i]!),
};

/** A value as codes: sums that nothing rounds, because their layer is not quantized, become 24-bit integers. */
export function codesOf(value: Value): Codes {
  return value.kind === 'codes' ? value : fixedPoint(realOf(value), value.shape);
}

/** The real values that sums stand for. */
function realOf(value: Value): Float64Array {
  const { terms, add, slopes, shape } = accumulatedOf(value);
  const channels = channelsOf(shape);
  const size = innerOf(shape);
  return Float64Array.from(terms[0]!.sums, (_, i) => {
    const c = Math.floor(i / size) % channels;
    const sum = terms.reduce((total, { sums, factors }) => total + sums[i]! * factors[c]!, add[c]!);
    return slopes !== undefined && sum < 0 ? sum * slopes[c]! : sum;
  });
}
