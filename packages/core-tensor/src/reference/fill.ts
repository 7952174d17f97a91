import type { FillOperation, FillSpec } from '../operations/index.ts';
import { update } from './floats.ts';

export function fill({ count }: FillSpec): FillOperation {
  return {
    run(value, yValues) {
      update(yValues).fill(value, 0, count);
    },
  };
}
