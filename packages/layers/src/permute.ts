import type { PermuteOperation, Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { PermuteParameter } from '@jacinto/proto';
import { shareBlob } from './support/share.ts';

/**
 * Puts axes in another order (SSD Caffe: Permute): axis i of top[0] is axis order[i] of bottom[0]; axes that `order`
 * does not name follow in their own order. An order that changes nothing: the top is the same memory.
 */
export class PermuteLayer extends Layer<PermuteParameter> {
  static override readonly type = 'Permute';
  static override readonly paramField = 'permuteParam';
  private operation: PermuteOperation | undefined;

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const order = this.order(x);
    top[0]!.reshape(order.map((axis) => x.shape[axis]!));
    if (order.every((axis, i) => axis === i)) {
      this.operation = undefined;
      shareBlob(top[0]!, x);
    } else this.operation = this.backend.permute({ shape: x.shape, order });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    if (this.operation === undefined) shareBlob(top[0]!, bottom[0]!);
    else this.operation.forward(bottom[0]!.data, top[0]!.data);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (propagateDown[0]) this.operation?.backward(top[0]!.diff, bottom[0]!.diff);
  }

  private order(x: Tensor): number[] {
    const { order } = this.param;
    order.forEach((axis, i) => {
      if (axis >= x.axes) {
        const fix = x.axes === 0 ? 'leave it out: a scalar has no axes' : `use 0 to ${x.axes - 1}`;
        throw this.fail('order', `names axis ${axis}, but the shape ${x.shapeString()} has ${x.axes} axes`, fix);
      }
      if (order.indexOf(axis) !== i) throw this.fail('order', `names axis ${axis} twice`, 'name each axis once');
    });
    return [...order, ...x.shape.map((_, axis) => axis).filter((axis) => !order.includes(axis))];
  }
}
