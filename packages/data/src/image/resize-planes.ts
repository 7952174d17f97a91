import { cubicWeights } from './resize.ts';
import { scaleOf } from './scale.ts';

/** A picture or a mean as real values C,H,W. */
export interface Planes {
  channels: number;
  height: number;
  width: number;
  values: Float32Array;
}

/** For each output index four input indices (borders repeated) and their weights. */
interface Taps {
  indices: Int32Array;
  weights: Float32Array;
}

/**
 * OpenCV's bicubic cv::resize on real values: kernel with A = −0.75, pixel centres at half-integers, borders repeated,
 * columns first; nothing is clamped, so values may pass those of the input.
 */
export function resizePlanes({ channels, ...input }: Planes, height: number, width: number): Planes {
  const x = cubicTaps(input.width, width);
  const y = cubicTaps(input.height, height);
  const rows = new Float32Array(input.height * width);
  const values = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    const plane = input.values.subarray(c * input.height * input.width, (c + 1) * input.height * input.width);
    const out = values.subarray(c * height * width, (c + 1) * height * width);
    for (let row = 0; row < input.height; row++) {
      const from = row * input.width;
      for (let j = 0, k = 0; j < width; j++, k += 4) {
        let sum = 0;
        for (let t = k; t < k + 4; t++) sum += plane[from + x.indices[t]!]! * x.weights[t]!;
        rows[row * width + j] = sum;
      }
    }
    for (let i = 0, k = 0; i < height; i++, k += 4) {
      const [r0, r1, r2, r3] = y.indices.subarray(k, k + 4);
      const [w0, w1, w2, w3] = y.weights.subarray(k, k + 4);
      for (let j = 0; j < width; j++) {
        out[i * width + j] =
          rows[r0! * width + j]! * w0! +
          rows[r1! * width + j]! * w1! +
          rows[r2! * width + j]! * w2! +
          rows[r3! * width + j]! * w3!;
      }
    }
  }
  return { channels, height, width, values };
}

function cubicTaps(input: number, output: number): Taps {
  const scale = scaleOf(input, output);
  const indices = new Int32Array(4 * output);
  const weights = new Float32Array(4 * output);
  for (let i = 0; i < output; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const first = Math.floor(position);
    weights.set(cubicWeights(Math.fround(position - first)), 4 * i);
    for (let t = 0; t < 4; t++) indices[4 * i + t] = Math.min(Math.max(first - 1 + t, 0), input - 1);
  }
  return { indices, weights };
}
