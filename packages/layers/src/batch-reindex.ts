import { countOf, type Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import { CaffeError } from '@jacinto/proto';
import { refuseGradient } from './support/no-gradient.ts';
import { whenRead } from './support/when-read.ts';

/**
 * Picks items by index, any number of times and in any order (Caffe: BatchReindex). bottom[0] N,…; bottom[1] M indices
 * 0 to N − 1; top[0] M,…. Backward: the gradients of all places an item went to are summed.
 *
 * @throws CaffeError 'bad-data' in forward for an index out of range.
 */
export class BatchReindexLayer extends Layer<undefined> {
  static override readonly type = 'BatchReindex';

  override bottomArity(): Arity {
    return { exact: 2 };
  }

  override allowForceBackward(index: number): boolean {
    return index === 0;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, indices] = bottom as [Tensor, Tensor];
    if (x.axes === 0) throw this.badShape('bottom[0] is a scalar', 'give it an axis of items');
    if (indices.axes !== 1) {
      throw this.badShape(`bottom[1] is ${indices.shapeString()}`, 'give the indices along one axis');
    }
    top[0]!.reshape([indices.count, ...x.shape.slice(1)]);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const [x, indices] = bottom as [Tensor, Tensor];
    return whenRead([x.data, indices.data], (items, wanted) => {
      checkIndices(wanted!, x.shape[0]!);
      const y = top[0]!.data.hostWrite<Float32Array>();
      const length = countOf(x.shape.slice(1));
      wanted!.forEach((from, to) => {
        y.set(items!.subarray(from * length, (from + 1) * length), to * length);
      });
    });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 1, 'indices');
    if (!propagateDown[0]) return;
    const [x, indices] = bottom as [Tensor, Tensor];
    return whenRead([top[0]!.diff, indices.data], (dy, wanted) => {
      const dx = x.diff.hostWrite<Float32Array>().fill(0);
      const length = countOf(x.shape.slice(1));
      wanted!.forEach((from, to) => {
        for (let i = 0; i < length; i++) dx[from * length + i]! += dy![to * length + i]!;
      });
    });
  }
}

function checkIndices(indices: Float32Array, items: number): void {
  for (const index of indices) {
    if (Number.isInteger(index) && index >= 0 && index < items) continue;
    throw new CaffeError({
      code: 'bad-data',
      problem: `the index ${index} (bottom[1]) names none of the ${items} items of bottom[0]`,
      fix: items > 0 ? `use whole numbers from 0 to ${items - 1}` : undefined,
    });
  }
}
