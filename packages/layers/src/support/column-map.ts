import { countOf } from '@jacinto/core-tensor';
import type { Window } from './windows.ts';

/**
 * For each place of a kernel and each position of the output, in this order, the position of the input that the kernel
 * sees there, or −1 in the padding (Caffe: im2col of one channel). All positions are counted in C order.
 */
export function columnMap(input: readonly number[], output: readonly number[], windows: readonly Window[]): Int32Array {
  const places = windows.map(({ kernel }) => kernel);
  const map = new Int32Array(countOf(places) * countOf(output));
  let at = 0;
  forEachIndex(places, (place) => {
    forEachIndex(output, (position) => {
      let from = 0;
      for (let axis = 0; axis < windows.length; axis++) {
        const { stride, pad, dilation } = windows[axis]!;
        const index = position[axis]! * stride - pad + place[axis]! * dilation;
        const inside = index >= 0 && index < input[axis]!;
        from = inside && from >= 0 ? from * input[axis]! + index : -1;
      }
      map[at++] = from;
    });
  });
  return map;
}

/** Visits all indices of a shape in C order; the array is one and the same. */
function forEachIndex(shape: readonly number[], visit: (index: readonly number[]) => void): void {
  const index = shape.map(() => 0);
  const count = countOf(shape);
  for (let i = 0; i < count; i++) {
    visit(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}
