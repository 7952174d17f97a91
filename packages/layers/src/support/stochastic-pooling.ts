import type { PoolingWindow } from './pooled-length.ts';

export interface StochasticShape {
  /** Planes of H×W: items times channels. */
  planes: number;
  input: readonly [number, number];
  output: readonly [number, number];
  windows: readonly [PoolingWindow, PoolingWindow];
}

const smallest = 2 ** -126; // FLT_MIN, where Caffe's sum starts in TEST

/** Calls `use` with every output's index and the input indices of its window, clipped to the image, in row-major order. */
function eachWindow(shape: StochasticShape, use: (output: number, plane: number, window: number[]) => void): void {
  const { planes, input, output, windows } = shape;
  const [height, width] = input;
  const [rows, columns] = output;
  const [{ kernel: kernelH, stride: strideH }, { kernel: kernelW, stride: strideW }] = windows;
  for (let at = 0; at < planes * rows * columns; at++) {
    const plane = Math.floor(at / (rows * columns));
    const top = (Math.floor(at / columns) % rows) * strideH;
    const left = (at % columns) * strideW;
    const window: number[] = [];
    for (let h = top; h < Math.min(top + kernelH, height); h++) {
      for (let w = left; w < Math.min(left + kernelW, width); w++) window.push(h * width + w);
    }
    use(at, plane * height * width, window);
  }
}

/**
 * Stochastic pooling in training (Zeiler & Fergus 2013): picks the first value of each window whose running sum
 * reaches u·Σ of the window, 0 ≤ u < 1 from `uniform(output index)`. `mask` receives its h·W+w. Values are meant ≥ 0.
 */
export function stochasticTraining(
  shape: StochasticShape,
  x: Float32Array,
  y: Float32Array,
  mask: Float32Array,
  uniform: (index: number) => number,
): void {
  eachWindow(shape, (output, plane, window) => {
    let total = 0;
    for (const at of window) total += x[plane + at]!;
    const threshold = uniform(output) * total;
    let sum = 0;
    let chosen = window[window.length - 1]!;
    for (const at of window) {
      sum += x[plane + at]!;
      if (sum >= threshold) {
        chosen = at;
        break;
      }
    }
    mask[output] = chosen;
    y[output] = x[plane + chosen]!;
  });
}

/** Stochastic pooling in testing: the expectation Σx²/Σx, where Σx starts at FLT_MIN. */
export function stochasticTesting(shape: StochasticShape, x: Float32Array, y: Float32Array): void {
  eachWindow(shape, (output, plane, window) => {
    let sum = smallest;
    let squares = 0;
    for (const at of window) {
      const value = x[plane + at]!;
      sum += value;
      squares += value * value;
    }
    y[output] = squares / sum;
  });
}
