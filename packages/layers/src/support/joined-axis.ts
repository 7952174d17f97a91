import type { Tensor } from '@jacinto/core-tensor';
import { type CaffeError, has } from '@jacinto/proto';

/**
 * The axis of Concat or Slice: `axis` (negative: from the end), or the old `concat_dim` or `slice_dim`, which cannot be
 * negative.
 */
export function joinedAxis(
  x: Tensor,
  param: { axis: number },
  old: { field: string; camelName: string; value: number },
  fail: (field: string, problem: string, fix?: string) => CaffeError,
): number {
  if (!has(param, old.camelName)) return x.canonicalAxis(param.axis);
  if (has(param, 'axis')) throw fail('axis', `is given beside ${old.field}`, 'give axis alone');
  if (old.value >= x.axes) {
    throw fail(
      old.field,
      `is ${old.value}, but the shape ${x.shapeString()} has ${x.axes} axes`,
      `use 0 to ${x.axes - 1}`,
    );
  }
  return old.value;
}
