import {
  type EltwiseOperation,
  type FillOperation,
  type ReduceOperation,
  type Tensor,
  type UnaryOperation,
  Values,
} from '@jacinto/core-tensor';
import { LossLayer } from './support/loss-layer.ts';
import { checkSameCount } from './support/same-count.ts';
import { whenRead } from './support/when-read.ts';

/**
 * loss = Σ |a − b| / N (NVIDIA Caffe: L1Loss). bottom[0] and bottom[1] N,… with equal counts; top[0] a scalar.
 * Backward: ±sign(a − b)·loss weight/N, to either bottom; 0 where they are equal.
 */
export class L1LossLayer extends LossLayer<undefined> {
  static override readonly type = 'L1Loss';
  private items = 1;
  private subtract!: EltwiseOperation;
  private sum!: ReduceOperation;
  private absolute!: UnaryOperation;
  private fill!: FillOperation;
  private readonly difference = new Values(this.backend);

  override allowForceBackward(): boolean {
    return true;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    checkSameCount(bottom);
    const { count } = bottom[0]!;
    this.items = bottom[0]!.shape[0] ?? 1;
    this.difference.resize(count);
    this.subtract = this.backend.eltwise({ method: 'sum', count, inputs: 2, coefficients: [1, -1] });
    this.sum = this.backend.reduce({ method: 'asum', outer: 1, axis: count, inner: 1 });
    this.absolute = this.backend.unary({ name: 'abs', count });
    this.fill = this.backend.fill({ count });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    this.subtract.forward([bottom[0]!.data, bottom[1]!.data], this.difference);
    this.sum.run(this.difference, top[0]!.data, { alpha: 1 / this.items });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    const { difference } = this;
    return whenRead([top[0]!.diff], ([weight]) => {
      bottom.forEach(({ diff }, i) => {
        if (!propagateDown[i]) return;
        this.fill.run(((i === 0 ? 1 : -1) * weight!) / this.items, diff);
        this.absolute.backward(difference, difference, diff, diff);
      });
    });
  }

  override dispose(): void {
    super.dispose();
    this.difference.release();
  }
}
