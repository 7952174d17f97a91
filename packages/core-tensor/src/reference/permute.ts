import type { PermuteOperation, PermuteSpec } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import { read, write } from './floats.ts';

export function permute({ shape, order }: PermuteSpec): PermuteOperation {
  const count = countOf(shape);
  const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)));

  /** Where value `at` of y lies in x. */
  function sourceOf(at: number): number {
    let rest = at;
    let source = 0;
    for (let i = order.length - 1; i >= 0; i--) {
      const axis = order[i]!;
      source += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return source;
  }

  return {
    forward(xValues, yValues) {
      const x = read(xValues);
      const y = write(yValues);
      for (let i = 0; i < count; i++) y[i] = x[sourceOf(i)]!;
    },
    backward(dyValues, dxValues) {
      const dy = read(dyValues);
      const dx = write(dxValues);
      for (let i = 0; i < count; i++) dx[sourceOf(i)] = dy[i]!;
    },
  };
}
