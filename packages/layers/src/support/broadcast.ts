import type { Tensor } from '@jacinto/core-tensor';
import type { CaffeError } from '@jacinto/proto';

/** How a smaller tensor lies along a larger one: outer × channels × inner, with `channels` values in the smaller. */
export interface Broadcast {
  outer: number;
  channels: number;
  inner: number;
}

/**
 * Shape of a learned scale or bias: the axes axis … axis + numAxes − 1 of x; −1 axes means all from `axis` on, 0 a scalar.
 */
export function learnedShape(
  x: Tensor,
  axis: number,
  numAxes: number,
  fail: (problem: string, fix?: string) => CaffeError,
): readonly number[] {
  if (numAxes < -1) throw fail(`is ${numAxes}`, 'use -1 or more');
  if (numAxes === 0) return [];
  const first = x.canonicalAxis(axis);
  if (numAxes === -1) return x.shape.slice(first);
  if (first + numAxes > x.axes) {
    throw fail(
      `is ${numAxes}, but from axis ${first} on ${x.shapeString()} has ${x.axes - first}`,
      `use -1 to ${x.axes - first}`,
    );
  }
  return x.shape.slice(first, first + numAxes);
}

/** The lay of a tensor of shape `small` along x from `axis` on; undefined where the lengths differ. */
export function broadcastOf(x: Tensor, small: readonly number[], axis: number): Broadcast | undefined {
  const first = small.length === 0 ? 0 : x.canonicalAxis(axis);
  const end = first + small.length;
  if (end > x.axes || small.some((length, i) => length !== x.shape[first + i])) return undefined;
  return { outer: x.countRange(0, first), channels: x.countRange(first, end), inner: x.countRange(end) };
}
