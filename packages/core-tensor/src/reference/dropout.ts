import type { DropoutOperation, DropoutSpec } from '../operations/index.ts';
import { dropoutThreshold, randomAt } from '../random.ts';
import { read, write } from './floats.ts';

export function dropout({ count, ratio, seed, stream }: DropoutSpec): DropoutOperation {
  const threshold = dropoutThreshold(ratio);
  const kept = 1 / (1 - ratio);
  return {
    forward(xValues, yValues, maskValues, draw) {
      const x = read(xValues);
      const [y, mask] = [write(yValues), write(maskValues)];
      for (let i = 0; i < count; i++) {
        mask[i] = randomAt(seed, stream, draw, i) >= threshold ? kept : 0;
        y[i] = x[i]! * mask[i]!;
      }
    },
    backward(dyValues, maskValues, dxValues) {
      const [dy, mask] = [read(dyValues), read(maskValues)];
      const dx = write(dxValues);
      for (let i = 0; i < count; i++) dx[i] = dy[i]! * mask[i]!;
    },
  };
}
