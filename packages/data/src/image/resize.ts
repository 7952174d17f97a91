import type { Image } from './image.ts';
import { resizeArea } from './resize-area.ts';
import { roundHalfEven, scaleOf } from './scale.ts';

/** Interpolation methods of the schema (TransformationParameter.InterpolationAlgo) that images are resized by. */
export type Interpolation = 'nearest' | 'linear' | 'cubic' | 'area';

/** One axis of a resize: for each output index the first tap's input index and the taps' weights (sum about 2048). */
interface Axis {
  taps: number;
  first: Int32Array;
  weights: Int32Array;
}

const one = 2048; // OpenCV's INTER_RESIZE_COEF_SCALE: weights have 11 bits

/**
 * OpenCV's cv::resize on 8-bit images, to the value: fixed-point weights of 11 bits, the same rounding, borders
 * repeated. (cubic: OpenCV's scalar path; its vector path may differ by 1 at ties.) Pixel centres lie at half-integers;
 * nearest takes ⌊x·scale⌋.
 */
export function resize(image: Image, height: number, width: number, method: Interpolation = 'linear'): Image {
  if (height === image.height && width === image.width) return { ...image, data: image.data.slice() };
  if (method === 'nearest') return resizeNearest(image, height, width);
  const scaleY = scaleOf(image.height, height);
  const scaleX = scaleOf(image.width, width);
  const halved = method === 'linear' && scaleX === 2 && scaleY === 2; // OpenCV takes the average there
  if (halved || (method === 'area' && scaleX >= 1 && scaleY >= 1)) return resizeArea(image, height, width);
  const axis = method === 'linear' ? linearAxis : method === 'cubic' ? cubicAxis : areaAxis;
  const x = axis(image.width, width, true);
  const y = axis(image.height, height, false);
  return method === 'cubic' ? resizeCubic(image, x, y) : resizeLinear(image, x, y);
}

function resizeNearest({ data, channels, ...input }: Image, height: number, width: number): Image {
  const scaleY = scaleOf(input.height, height);
  const scaleX = scaleOf(input.width, width);
  const columns = Int32Array.from({ length: width }, (_, x) => {
    return Math.min(Math.floor(x * scaleX), input.width - 1) * channels;
  });
  const out = new Uint8Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = Math.min(Math.floor(y * scaleY), input.height - 1) * input.width * channels;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) out[at++] = data[row + columns[x]! + c]!;
    }
  }
  return { height, width, channels, data: out };
}

/** @param clamped Border pixels get weight 1 (OpenCV along x); along y both weights fall on the border row, rounded apart. */
function linearAxis(input: number, output: number, clamped: boolean): Axis {
  const scale = scaleOf(input, output);
  return axisOf(output, 2, (i) => {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const first = Math.floor(position);
    if (clamped && first < 0) return [0, [1, 0]];
    if (clamped && first >= input - 1) return [input - 1, [1, 0]];
    const part = Math.fround(position - first);
    return [first, [Math.fround(1 - part), part]];
  });
}

/** INTER_AREA where the image grows: linear, with weights by covered area. */
function areaAxis(input: number, output: number, clamped: boolean): Axis {
  const inverse = output / input;
  const scale = 1 / inverse;
  return axisOf(output, 2, (i) => {
    const first = Math.floor(i * scale);
    const covered = Math.fround(i + 1 - (first + 1) * inverse);
    const part = covered <= 0 ? 0 : Math.fround(covered - Math.floor(covered));
    return clamped && first >= input - 1 ? [input - 1, [1, 0]] : [first, [Math.fround(1 - part), part]];
  });
}

function cubicAxis(input: number, output: number): Axis {
  const scale = scaleOf(input, output);
  return axisOf(output, 4, (i) => {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const first = Math.floor(position);
    return [first - 1, cubicWeights(Math.fround(position - first))];
  });
}

/** Catmull-Rom-like kernel with A = −0.75, in single precision. */
export function cubicWeights(x: number): number[] {
  const f = Math.fround;
  const a = -0.75;
  const x1 = f(x + 1);
  const w0 = f(f(f(f(f(f(a * x1) - 5 * a) * x1) + 8 * a) * x1) - 4 * a);
  const near = (d: number): number => f(f(f(f(f(1.25 * d) - 2.25) * d) * d) + 1);
  const w1 = near(x);
  const w2 = near(f(1 - x));
  return [w0, w1, w2, f(f(f(1 - w0) - w1) - w2)];
}

function axisOf(output: number, taps: number, at: (i: number) => readonly [number, readonly number[]]): Axis {
  const first = new Int32Array(output);
  const weights = new Int32Array(output * taps);
  for (let i = 0; i < output; i++) {
    const [index, values] = at(i);
    first[i] = index;
    for (let k = 0; k < taps; k++) weights[i * taps + k] = roundHalfEven(Math.fround(values[k]! * one));
  }
  return { taps, first, weights };
}

function resizeLinear(image: Image, x: Axis, y: Axis): Image {
  const width = x.first.length;
  const height = y.first.length;
  const { channels } = image;
  const out = new Uint8Array(height * width * channels);
  const rows = new RowCache(image, x);
  let at = 0;
  for (let i = 0; i < height; i++) {
    const first = y.first[i]!;
    const upper = rows.row(clamp(first, image.height));
    const lower = rows.row(clamp(first + 1, image.height));
    const b0 = y.weights[2 * i]!;
    const b1 = y.weights[2 * i + 1]!;
    for (let k = 0; k < upper.length; k++) {
      out[at++] = (((b0 * (upper[k]! >> 4)) >> 16) + ((b1 * (lower[k]! >> 4)) >> 16) + 2) >> 2;
    }
  }
  return { height, width, channels, data: out };
}

function resizeCubic(image: Image, x: Axis, y: Axis): Image {
  const width = x.first.length;
  const height = y.first.length;
  const { channels } = image;
  const out = new Uint8ClampedArray(height * width * channels);
  const rows = new RowCache(image, x);
  let at = 0;
  for (let i = 0; i < height; i++) {
    const taps = [0, 1, 2, 3].map((k) => rows.row(clamp(y.first[i]! + k, image.height)));
    const [r0, r1, r2, r3] = taps as [Int32Array, Int32Array, Int32Array, Int32Array];
    const [b0, b1, b2, b3] = y.weights.subarray(4 * i, 4 * i + 4);
    for (let k = 0; k < r0.length; k++) {
      // sums stay below 2³¹: values 255·2048·2048 with weights adding to one, some negative
      out[at++] = (r0[k]! * b0! + r1[k]! * b1! + r2[k]! * b2! + r3[k]! * b3! + (1 << 21)) >> 22;
    }
  }
  return { height, width, channels, data: new Uint8Array(out.buffer) };
}

function clamp(index: number, length: number): number {
  return index < 0 ? 0 : index >= length ? length - 1 : index;
}

/** Rows of the input resized along x, the last few kept. */
class RowCache {
  private readonly image: Image;
  private readonly axis: Axis;
  private readonly held: { index: number; row: Int32Array }[] = [];

  constructor(image: Image, axis: Axis) {
    this.image = image;
    this.axis = axis;
  }

  row(index: number): Int32Array {
    const found = this.held.find((entry) => entry.index === index);
    if (found !== undefined) return found.row;
    const oldest = this.held.length > this.axis.taps ? this.held.shift() : undefined;
    const row = oldest?.row ?? new Int32Array(this.axis.first.length * this.image.channels);
    this.fill(index, row);
    this.held.push({ index, row });
    return row;
  }

  private fill(index: number, row: Int32Array): void {
    const { data, width, channels } = this.image;
    const { taps, first, weights } = this.axis;
    const base = index * width * channels;
    let at = 0;
    for (let i = 0; i < first.length; i++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < taps; k++) {
          sum += data[base + clamp(first[i]! + k, width) * channels + c]! * weights[i * taps + k]!;
        }
        row[at++] = sum;
      }
    }
  }
}
