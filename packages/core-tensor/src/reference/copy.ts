import type { CopyOperation, CopySpec } from '../operations/index.ts';
import { read, update } from './floats.ts';

export function copy({ outer, length, xStride, yStride }: CopySpec): CopyOperation {
  return {
    run(xValues, yValues, { xOffset = 0, yOffset = 0, accumulate = false } = {}) {
      const x = read(xValues);
      const y = update(yValues);
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < length; i++) {
          const value = x[xOffset + o * xStride + i]!;
          const at = yOffset + o * yStride + i;
          y[at] = accumulate ? y[at]! + value : value;
        }
      }
    },
  };
}
