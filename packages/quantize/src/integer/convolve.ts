import { type Accumulated, type Codes, countOf, type Term } from './value.ts';

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
  return {
    products: new Float64Array(count),
    inputs: made(w.offset !== 0),
    weights: made(x.offset !== 0),
    taps: made(w.offset !== 0 && x.offset !== 0),
  };
}

/** Σ (x − ox)(w − ow) / (sx·sw), spread over the sums. Padding is no tap: it counts as real zero. */
export function tapValue(sums: TapSums, shape: readonly number[], x: Codes, w: Codes, bias: Float64Array): Accumulated {
  const unit = 1 / (x.scale * w.scale);
  const terms: Term[] = [];
  const term = (each: Float64Array | undefined, factor: number): void => {
    if (each !== undefined) terms.push({ sums: each, factors: new Float64Array(bias.length).fill(factor) });
  };
  term(sums.products, unit);
  term(sums.inputs, -w.offset * unit);
  term(sums.weights, -x.offset * unit);
  term(sums.taps, w.offset * x.offset * unit);
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
  const { kernel, stride, pad, dilation, groups } = windows;
  const [items, channels, height, width] = x.shape as [number, number, number, number];
  const [, outputs, rows, columns] = shape as [number, number, number, number];
  const perGroup = channels / groups;
  const sums = tapSums(countOf(shape), x, w);
  for (let n = 0; n < items; n++) {
    for (let o = 0; o < outputs; o++) {
      const first = Math.floor(o / (outputs / groups)) * perGroup;
      for (let c = 0; c < perGroup; c++) {
        const plane = (n * channels + first + c) * height * width;
        for (let kh = 0; kh < kernel[0]; kh++) {
          for (let kw = 0; kw < kernel[1]; kw++) {
            const weight = w.codes[((o * perGroup + c) * kernel[0] + kh) * kernel[1] + kw]!;
            for (let r = 0; r < rows; r++) {
              const h = r * stride[0] - pad[0] + kh * dilation[0];
              if (h < 0 || h >= height) continue;
              for (let k = 0; k < columns; k++) {
                const v = k * stride[1] - pad[1] + kw * dilation[1];
                if (v < 0 || v >= width) continue;
                add(sums, ((n * outputs + o) * rows + r) * columns + k, x.codes[plane + h * width + v]!, weight);
              }
            }
          }
        }
      }
    }
  }
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
  const { kernel, stride, pad, dilation, groups } = windows;
  const [items, channels, height, width] = x.shape as [number, number, number, number];
  const [, outputs, rows, columns] = shape as [number, number, number, number];
  const perGroup = outputs / groups;
  const sums = tapSums(countOf(shape), x, w);
  for (let n = 0; n < items; n++) {
    for (let c = 0; c < channels; c++) {
      const first = Math.floor(c / (channels / groups)) * perGroup;
      for (let o = 0; o < perGroup; o++) {
        const plane = (n * outputs + first + o) * rows * columns;
        for (let kh = 0; kh < kernel[0]; kh++) {
          for (let kw = 0; kw < kernel[1]; kw++) {
            const weight = w.codes[((c * perGroup + o) * kernel[0] + kh) * kernel[1] + kw]!;
            for (let h = 0; h < height; h++) {
              const r = h * stride[0] - pad[0] + kh * dilation[0];
              if (r < 0 || r >= rows) continue;
              for (let v = 0; v < width; v++) {
                const k = v * stride[1] - pad[1] + kw * dilation[1];
                if (k < 0 || k >= columns) continue;
                add(sums, plane + r * columns + k, x.codes[((n * channels + c) * height + h) * width + v]!, weight);
              }
            }
          }
        }
      }
    }
  }
  return tapValue(sums, shape, x, w, bias);
}

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
  const sums = tapSums(items * outputs, x, w);
  for (let n = 0; n < items; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let k = 0; k < inputs; k++) {
        add(sums, n * outputs + o, x.codes[n * inputs + k]!, w.codes[transposed ? k * outputs + o : o * inputs + k]!);
      }
    }
  }
  return tapValue(sums, shape, x, w, bias);
}
