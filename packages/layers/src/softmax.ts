import type { SoftmaxOperation, Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { SoftmaxParameter } from '@jacinto/proto';

/**
 * y = exp(x − max x) / Σ exp(x − max x) over `axis` (default 1) (Caffe: Softmax). top[0] has bottom[0]'s shape; in
 * place too. Backward: dx = (dy − Σ dy·y)·y.
 */
export class SoftmaxLayer extends Layer<SoftmaxParameter> {
  static override readonly type = 'Softmax';
  static override readonly paramField = 'softmaxParam';
  private operation!: SoftmaxOperation;

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const axis = x.canonicalAxis(this.param.axis);
    top[0]!.reshapeLike(x);
    this.operation = this.backend.softmax({
      outer: x.countRange(0, axis),
      channels: x.shape[axis]!,
      inner: x.countRange(axis + 1),
    });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    this.operation.forward(bottom[0]!.data, top[0]!.data);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [y] = top as [Tensor];
    if (propagateDown[0]) this.operation.backward(y.data, y.diff, bottom[0]!.diff);
  }
}
