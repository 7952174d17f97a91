import type { LrnOperation, LrnSpec } from '../operations/index.ts';
import { read, write } from './floats.ts';

export function lrn({ x: xSpec, region, size, alpha, beta, k }: LrnSpec): LrnOperation {
  const [batch, channels, height, width] = [0, 1, 2, 3].map((axis) => xSpec.shape[axis] ?? 1) as [
    number,
    number,
    number,
    number,
  ];
  const across = region === 'across-channels';
  const reach = (size - 1) / 2;
  const offset = across ? k : 1;
  const factor = across ? alpha / size : alpha / (size * size); // padding counts within a channel

  /** Calls `visit` for every position, with the sum over its window of `value`; windows are symmetric. */
  function forEachSum(value: (at: number) => number, visit: (at: number, sum: number) => void): void {
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        for (let h = 0; h < height; h++) {
          for (let w = 0; w < width; w++) {
            let sum = 0;
            for (let i = -reach; i <= reach; i++) {
              if (across) {
                if (c + i >= 0 && c + i < channels) sum += value(((n * channels + c + i) * height + h) * width + w);
                continue;
              }
              for (let j = -reach; j <= reach; j++) {
                const inside = h + i >= 0 && h + i < height && w + j >= 0 && w + j < width;
                if (inside) sum += value(((n * channels + c) * height + h + i) * width + w + j);
              }
            }
            visit(((n * channels + c) * height + h) * width + w, sum);
          }
        }
      }
    }
  }

  return {
    forward(xValues, yValues, sValues) {
      const x = read(xValues);
      const [y, s] = [write(yValues), write(sValues)];
      forEachSum(
        (at) => x[at]! ** 2,
        (at, sum) => {
          s[at] = offset + factor * sum;
          y[at] = x[at]! * (offset + factor * sum) ** -beta;
        },
      );
    },
    backward(xValues, yValues, sValues, dyValues, dxValues) {
      const [x, y, s, dy] = [read(xValues), read(yValues), read(sValues), read(dyValues)];
      const dx = write(dxValues);
      forEachSum(
        (at) => (dy[at]! * y[at]!) / s[at]!,
        (at, sum) => {
          dx[at] = dy[at]! * s[at]! ** -beta - 2 * factor * beta * x[at]! * sum;
        },
      );
    },
  };
}
