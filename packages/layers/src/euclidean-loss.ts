import {
  type AxpbyOperation,
  type EltwiseOperation,
  type ReduceOperation,
  type Tensor,
  Values,
} from '@jacinto/core-tensor';
import { LossLayer } from './support/loss-layer.ts';
import { whenRead } from './support/when-read.ts';

/**
 * loss = Σ (a − b)² / (2N) (Caffe: EuclideanLoss). bottom[0] and bottom[1] N,… with equal counts; top[0] a scalar.
 * Backward: ±(a − b)·loss weight/N, to either bottom.
 */
export class EuclideanLossLayer extends LossLayer<undefined> {
  static override readonly type = 'EuclideanLoss';
  private items = 1;
  private subtract!: EltwiseOperation;
  private squares!: ReduceOperation;
  private scale!: AxpbyOperation;
  private readonly difference = new Values(this.backend);

  override allowForceBackward(): boolean {
    return true;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    const [a, b] = bottom as [Tensor, Tensor];
    if (a.count !== b.count) {
      throw this.badShape(
        `bottom[0] is ${a.shapeString()}, bottom[1] is ${b.shapeString()}`,
        'their counts must be equal',
      );
    }
    const { count } = a;
    this.items = a.shape[0] ?? 1;
    this.difference.resize(count);
    this.subtract = this.backend.eltwise({ method: 'sum', count, inputs: 2, coefficients: [1, -1] });
    this.squares = this.backend.reduce({ method: 'sumsq', outer: 1, axis: count, inner: 1 });
    this.scale = this.backend.axpby({ count });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    this.subtract.forward([bottom[0]!.data, bottom[1]!.data], this.difference);
    this.squares.run(this.difference, top[0]!.data, { alpha: 1 / (2 * this.items) });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    return whenRead([top[0]!.diff], ([weight]) => {
      const factor = weight! / this.items;
      if (propagateDown[0]) this.scale.run(factor, this.difference, 0, bottom[0]!.diff);
      if (propagateDown[1]) this.scale.run(-factor, this.difference, 0, bottom[1]!.diff);
    });
  }

  override dispose(): void {
    super.dispose();
    this.difference.release();
  }
}
