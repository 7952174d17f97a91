import type { AxpbyOperation, EltwiseOperation, FillOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';

/**
 * One blob for several consumers (Caffe: Split; nets insert it themselves). The tops share the bottom's data; backward:
 * dx = Σ dy over the tops. Tops whose consumers give no gradient count as 0. As caffe-jacinto 0.17 (`compat` of the net),
 * dx is the memory of the first dy.
 */
export class SplitLayer extends Layer {
  static override readonly type = 'Split';
  private copy!: AxpbyOperation;
  private zero!: FillOperation;
  private readonly sums = new Map<number, EltwiseOperation>();

  override topArity(): Arity {
    return { min: 1 };
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    for (const y of top) {
      y.reshapeLike(x);
      y.shareData(x);
    }
    this.copy = this.backend.axpby({ count: x.count });
    this.zero = this.backend.fill({ count: x.count });
    this.sums.clear();
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    for (const y of top) y.shareData(bottom[0]!);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const [x] = bottom as [Tensor];
    if (this.context.compat !== undefined && top[0]!.diff.isAllocated) {
      x.shareDiff(top[0]!);
      for (const y of top.slice(1)) if (y.diff.isAllocated) this.copy.run(1, y.diff, 1, x.diff);
      return;
    }
    const given = top.filter((y) => y.diff.isAllocated).map((y) => y.diff);
    if (given.length === 0) this.zero.run(0, x.diff);
    else if (given.length === 1) this.copy.run(1, given[0]!, 0, x.diff);
    else this.sum(given.length, x.count).forward(given, x.diff);
  }

  private sum(inputs: number, count: number): EltwiseOperation {
    let operation = this.sums.get(inputs);
    if (operation === undefined) {
      operation = this.backend.eltwise({ method: 'sum', count, inputs });
      this.sums.set(inputs, operation);
    }
    return operation;
  }
}
