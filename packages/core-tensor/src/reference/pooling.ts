import type { PoolingOperation, PoolingSpec } from '../operations/index.ts';
import { read, write } from './floats.ts';

const lowest = -3.4028234663852886e38; // −FLT_MAX

interface Window {
  top: number;
  bottom: number;
  left: number;
  right: number;
  /** Area of the window clipped to the padded image. */
  divisor: number;
}

export function pooling({ method, x: xSpec, y: ySpec, kernel, stride, pad }: PoolingSpec): PoolingOperation {
  const planes = xSpec.shape[0]! * xSpec.shape[1]!;
  const [height, width] = [xSpec.shape[2]!, xSpec.shape[3]!];
  const [outHeight, outWidth] = [ySpec.shape[2]!, ySpec.shape[3]!];

  function windowAt(row: number, column: number): Window {
    const top = row * stride[0] - pad[0];
    const left = column * stride[1] - pad[1];
    const divisor =
      (Math.min(top + kernel[0], height + pad[0]) - top) * (Math.min(left + kernel[1], width + pad[1]) - left);
    return {
      top: Math.max(top, 0),
      bottom: Math.min(top + kernel[0], height),
      left: Math.max(left, 0),
      right: Math.min(left + kernel[1], width),
      divisor,
    };
  }

  /** Calls `visit` for every output with its window and the offset of its plane in x. */
  function forEachWindow(visit: (yAt: number, window: Window, plane: number) => void): void {
    for (let plane = 0; plane < planes; plane++) {
      for (let row = 0; row < outHeight; row++) {
        for (let column = 0; column < outWidth; column++) {
          visit((plane * outHeight + row) * outWidth + column, windowAt(row, column), plane * height * width);
        }
      }
    }
  }

  return {
    forward(xValues, yValues, maskValues) {
      const x = read(xValues);
      const y = write(yValues);
      const mask = method === 'max' && maskValues !== undefined ? write(maskValues) : undefined;
      forEachWindow((yAt, { top, bottom, left, right, divisor }, plane) => {
        let best = lowest;
        let winner = -1;
        let sum = 0;
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) {
            const value = x[plane + h * width + w]!;
            sum += value;
            if (value > best) [best, winner] = [value, h * width + w];
          }
        }
        const empty = top >= bottom || left >= right;
        y[yAt] = method === 'max' ? best : empty ? 0 : sum / divisor;
        if (mask !== undefined) mask[yAt] = winner;
      });
    },
    backward(dyValues, dxValues, maskValues) {
      const dy = read(dyValues);
      const mask = method === 'max' ? read(maskValues!) : undefined;
      const sums = new Float64Array(planes * height * width);
      forEachWindow((yAt, { top, bottom, left, right, divisor }, plane) => {
        if (mask !== undefined) {
          if (mask[yAt]! >= 0) sums[plane + mask[yAt]!]! += dy[yAt]!;
          return;
        }
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) sums[plane + h * width + w]! += dy[yAt]! / divisor;
        }
      });
      write(dxValues).set(sums);
    },
  };
}
