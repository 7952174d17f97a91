import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';

/**
 * What losses have in common (Caffe: LossLayer): bottom[0] predictions, bottom[1] labels or targets with the same
 * first axis; top[0] a scalar of no axes, made without a name where none is given, with loss weight 1 by default.
 */
export abstract class LossLayer<Param> extends Layer<Param> {
  override bottomArity(): Arity {
    return { exact: 2 };
  }

  override autoTopBlobs(): boolean {
    return true;
  }

  override allowForceBackward(index: number): boolean {
    return index !== 1;
  }

  override defaultLossWeight(index: number): number {
    return index === 0 ? 1 : 0;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [predictions, labels] = bottom as [Tensor, Tensor];
    if (predictions.count === 0) {
      throw this.badShape(
        `a loss of nothing: bottom[0] is ${predictions.shapeString()}`,
        'give it a batch that is not empty',
      );
    }
    const [n, m] = [predictions.shape[0] ?? 1, labels.shape[0] ?? 1];
    if (n !== m) {
      throw this.badShape(
        `bottom[0] has ${n} items (${predictions.shapeString()}), bottom[1] has ${m} (${labels.shapeString()})`,
        'give both the same first axis',
      );
    }
    top[0]!.reshape([]);
  }
}
