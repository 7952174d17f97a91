import type { Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { FlattenParameter } from '@jacinto/proto';
import { shareBlob } from './support/share.ts';

/**
 * Joins the axes axis … end_axis (default 1 … −1) into one (Caffe: Flatten): N,C,H,W → N,C·H·W. The top is the same
 * memory as the bottom.
 */
export class FlattenLayer extends Layer<FlattenParameter> {
  static override readonly type = 'Flatten';
  static override readonly paramField = 'flattenParam';

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const first = x.canonicalAxis(this.param.axis);
    const last = x.canonicalAxis(this.param.endAxis);
    if (last < first) {
      throw this.fail(
        'end_axis',
        `is ${this.param.endAxis}, before axis (${this.param.axis}) of ${x.shapeString()}`,
        `use ${first} to ${x.axes - 1}`,
      );
    }
    top[0]!.reshape([...x.shape.slice(0, first), x.countRange(first, last + 1), ...x.shape.slice(last + 1)]);
    shareBlob(top[0]!, x);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    shareBlob(top[0]!, bottom[0]!);
  }

  override backward(): void {} // one memory
}
