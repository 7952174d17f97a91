import { type Accumulated, type Codes, countOf, type Term, weightFormat } from './value.ts';

/** Windows of a convolution, each by height and width. */
export interface Windows {
  kernel: readonly [number, number];
  stride: readonly [number, number];
  pad: readonly [number, number];
  dilation: readonly [number, number];
  groups: number;
}

/** Sums over the taps of each output: of products; and where offsets make them count, of inputs, weights, taps. */
export interface TapSums {
  products: Float64Array;
  inputs: Float64Array | undefined;
  weights: Float64Array | undefined;
  taps: Float64Array | undefined;
}

/** The sums that codes with these offsets need. */
export function tapSums(count: number, x: Codes, w: Codes): TapSums {
  const made = (wanted: boolean): Float64Array | undefined => (wanted ? new Float64Array(count) : undefined);
  const offsets = w.channels === undefined ? w.offset !== 0 : w.channels.formats.some(({ offset }) => offset !== 0);
  return {
    products: new Float64Array(count),
    inputs: made(offsets),
    weights: made(x.offset !== 0),
    taps: made(offsets && x.offset !== 0),
  };
}

/** Σ (x − ox)(w − ow) / (sx·sw), spread over the sums. Padding is no tap: it counts as real zero. */
export function tapValue(sums: TapSums, shape: readonly number[], x: Codes, w: Codes, bias: Float64Array): Accumulated {
  const terms: Term[] = [];
  const term = (each: Float64Array | undefined, factor: (offset: number) => number): void => {
    if (each === undefined) return;
    const factors = bias.map((_, c) => {
      const { scale, offset } = weightFormat(w, c);
      return factor(offset) / (x.scale * scale);
    });
    terms.push({ sums: each, factors });
  };
  term(sums.products, () => 1);
  term(sums.inputs, (offset) => -offset);
  term(sums.weights, () => -x.offset);
  term(sums.taps, (offset) => offset * x.offset);
  return { kind: 'accumulated', shape, terms, add: bias };
}

function add(sums: TapSums, at: number, input: number, weight: number): void {
  sums.products[at]! += input * weight;
  if (sums.inputs !== undefined) sums.inputs[at]! += input;
  if (sums.weights !== undefined) sums.weights[at]! += weight;
  if (sums.taps !== undefined) sums.taps[at]! += 1;
}

/** Convolution of codes: x N,C,H,W, weights O,C/groups,KH,KW, result N,O,H',W' of `shape`; bias by channel, real. */
export function convolve(
  x: Codes,
  w: Codes,
  shape: readonly number[],
  windows: Windows,
  bias: Float64Array,
): Accumulated {
  const sums = tapSums(countOf(shape), x, w);
  forEachTap(shape, x.shape, windows, (near, far, weight) => add(sums, near, x.codes[far]!, w.codes[weight]!));
  return tapValue(sums, shape, x, w, bias);
}

/** Deconvolution of codes: x N,C,H,W, weights C,O/groups,KH,KW, result N,O,H',W'. */
export function deconvolve(
  x: Codes,
  w: Codes,
  shape: readonly number[],
  windows: Windows,
  bias: Float64Array,
): Accumulated {
  const sums = tapSums(countOf(shape), x, w);
  forEachTap(x.shape, shape, windows, (near, far, weight) => add(sums, far, x.codes[near]!, w.codes[weight]!));
  return tapValue(sums, shape, x, w, bias);
}

/** Windows of one pixel: an inner product. */
export const onePixel: Windows = { kernel: [1, 1], stride: [1, 1], pad: [0, 0], dilation: [1, 1], groups: 1 };

/** Inner product of codes: x items × inputs, weights outputs × inputs (or transposed), result of `shape`. */
export function multiply(
  x: Codes,
  w: Codes,
  shape: readonly number[],
  transposed: boolean,
  bias: Float64Array,
): Accumulated {
  const outputs = bias.length;
  const inputs = w.codes.length / outputs;
  const items = x.codes.length / inputs;
  const apply = transposed ? deconvolve : convolve;
  return { ...apply({ ...x, shape: [items, inputs, 1, 1] }, w, [items, outputs, 1, 1], onePixel, bias), shape };
}

/**
 * Visits each pair that a kernel joins: a value of the side whose places it slides to (a convolution's result, a
 * deconvolution's input), one of the side that it covers, and the weight between them. Shapes N,C,H,W.
 */
function forEachTap(
  near: readonly number[],
  far: readonly number[],
  { kernel, stride, pad, dilation, groups }: Windows,
  visit: (near: number, far: number, weight: number) => void,
): void {
  const [items, nears, rows, columns] = near as [number, number, number, number];
  const [, fars, height, width] = far as [number, number, number, number];
  const perGroup = fars / groups;
  for (let n = 0; n < items; n++) {
    for (let a = 0; a < nears; a++) {
      const first = Math.floor(a / (nears / groups)) * perGroup;
      const nearPlane = (n * nears + a) * rows * columns;
      for (let b = 0; b < perGroup; b++) {
        const plane = (n * fars + first + b) * height * width;
        for (let kh = 0; kh < kernel[0]; kh++) {
          for (let kw = 0; kw < kernel[1]; kw++) {
            const weight = ((a * perGroup + b) * kernel[0] + kh) * kernel[1] + kw;
            for (let r = 0; r < rows; r++) {
              const h = r * stride[0] - pad[0] + kh * dilation[0];
              if (h < 0 || h >= height) continue;
              for (let k = 0; k < columns; k++) {
                const v = k * stride[1] - pad[1] + kw * dilation[1];
                if (v >= 0 && v < width) visit(nearPlane + r * columns + k, plane + h * width + v, weight);
              }
            }
          }
        }
      }
    }
  }
}

/** A convolution of codes, or (transposed) a deconvolution. */
export interface TapOperands {
  x: Codes;
  w: Codes;
  windows: Windows;
  transposed: boolean;
}

/** Sums of products and of inputs for one value of the result alone, at `i` of `shape`. */
export function tapsAt({ x, w, windows, transposed }: TapOperands, shape: readonly number[], i: number) {
  const { kernel, stride, pad, dilation, groups } = windows;
  const [, channels = 1, height = 1, width = 1] = x.shape;
  const [, outputs = 1, rows = 1, columns = 1] = shape;
  const place = Math.floor(i / columns);
  const plane = Math.floor(place / rows);
  const [n, o] = [Math.floor(plane / outputs), plane % outputs];
  const [inputsPer, outputsPer] = [channels / groups, outputs / groups];
  const from = (axis: 0 | 1, at: number, k: number): number =>
    transposed
      ? (at + pad[axis] - k * dilation[axis]) / stride[axis]
      : at * stride[axis] - pad[axis] + k * dilation[axis];
  let products = 0;
  let inputs = 0;
  for (let c = 0; c < inputsPer; c++) {
    const channel = Math.floor(o / outputsPer) * inputsPer + c;
    const pair = transposed ? channel * outputsPer + (o % outputsPer) : o * inputsPer + c;
    for (let kh = 0; kh < kernel[0]; kh++) {
      const h = from(0, place % rows, kh);
      if (!(Number.isInteger(h) && h >= 0 && h < height)) continue;
      for (let kw = 0; kw < kernel[1]; kw++) {
        const v = from(1, i % columns, kw);
        if (!(Number.isInteger(v) && v >= 0 && v < width)) continue;
        const code = x.codes[((n * channels + channel) * height + h) * width + v]!;
        products += code * w.codes[(pair * kernel[0] + kh) * kernel[1] + kw]!;
        inputs += code;
      }
    }
  }
  return { products, inputs };
}
