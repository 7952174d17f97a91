import type { SoftmaxOperation, SoftmaxSpec } from '../operations/index.ts';
import { type Floats, read, write } from './floats.ts';

/** Calls `visit` for every position with the offset of its first channel; channels lie `inner` apart. */
export function forEachPosition({ outer, channels, inner }: SoftmaxSpec, visit: (first: number) => void): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) visit(o * channels * inner + i);
  }
}

/** y = softmax of x over the channels; x and y may be one array. */
export function softmaxOf(spec: SoftmaxSpec, x: Floats, y: Floats): void {
  const { channels, inner } = spec;
  forEachPosition(spec, (first) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < channels; c++) largest = Math.max(largest, x[first + c * inner]!);
    const exps = Array.from({ length: channels }, (_, c) => Math.exp(x[first + c * inner]! - largest));
    const sum = exps.reduce((total, value) => total + value, 0);
    exps.forEach((value, c) => {
      y[first + c * inner] = value / sum;
    });
  });
}

export function softmax(spec: SoftmaxSpec): SoftmaxOperation {
  const { channels, inner } = spec;
  return {
    forward(xValues, yValues) {
      softmaxOf(spec, read(xValues), write(yValues));
    },
    backward(yValues, dyValues, dxValues) {
      const [y, dy] = [read(yValues), read(dyValues)];
      const dx = write(dxValues);
      forEachPosition(spec, (first) => {
        let dot = 0;
        for (let c = 0; c < channels; c++) dot += dy[first + c * inner]! * y[first + c * inner]!;
        for (let c = 0; c < channels; c++) {
          const at = first + c * inner;
          dx[at] = (dy[at]! - dot) * y[at]!;
        }
      });
    },
  };
}
