import {
  type AxpbyOperation,
  type EltwiseOperation,
  type ReduceOperation,
  type Tensor,
  type UnaryOperation,
  Values,
} from '@jacinto/core-tensor';
import { create, has, LossParameter } from '@jacinto/proto';
import { LossLayer } from './support/loss-layer.ts';
import { lossNormalizer, normalizationMode } from './support/loss-normalizer.ts';
import { refuseGradient } from './support/no-gradient.ts';
import { checkSameCount } from './support/same-count.ts';
import { whenRead } from './support/when-read.ts';

/**
 * Cross entropy of independent yes-no answers (Caffe: SigmoidCrossEntropyLoss):
 * loss = Σ (log(1 + eˣ) − x·t) / normalizer, which is −Σ (t·log σ(x) + (1 − t)·log(1 − σ(x))). bottom[0] scores N,…;
 * bottom[1] targets 0 to 1, equally many; top[0] a scalar. Backward to bottom[0]: (σ(x) − t)·loss weight/normalizer.
 *
 * The normalizer is N. caffe-jacinto knows no other; a loss_param that names `normalization`, `normalize` or
 * `ignore_label` is BVLC's and counts as there: positions whose target is ignore_label give no loss and no gradient;
 * FULL divides by the count, VALID by the positions not ignored, BATCH_SIZE (default) by N, NONE by 1.
 */
export class SigmoidCrossEntropyLossLayer extends LossLayer<undefined> {
  static override readonly type = 'SigmoidCrossEntropyLoss';
  private readonly lossParam: LossParameter = this.layerParam.lossParam ?? create('LossParameter');
  private readonly ignores = has(this.lossParam, 'ignoreLabel');
  private normalizer = 1;
  private bnll!: UnaryOperation;
  private sigmoid!: UnaryOperation;
  private product!: EltwiseOperation;
  private subtract!: EltwiseOperation;
  private add!: AxpbyOperation;
  private sum!: ReduceOperation;
  /** Loss of each position. */
  private readonly losses = new Values(this.backend);
  /** Forward: x·t; backward: gradient before weighting. */
  private readonly work = new Values(this.backend);
  /** 1 where the position counts, with ignore_label. */
  private readonly mask = new Values(this.backend);

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    checkSameCount(bottom);
    const { count } = bottom[0]!;
    for (const each of [this.losses, this.work, ...(this.ignores ? [this.mask] : [])]) each.resize(count);
    this.bnll = this.backend.unary({ name: 'bnll', count });
    this.sigmoid = this.backend.unary({ name: 'sigmoid', count });
    this.product = this.backend.eltwise({ method: 'product', count, inputs: 2 });
    this.subtract = this.backend.eltwise({ method: 'sum', count, inputs: 2, coefficients: [1, -1] });
    this.add = this.backend.axpby({ count });
    this.sum = this.backend.reduce({ method: 'sum', outer: 1, axis: count, inner: 1 });
    this.normalize(count, count, bottom[0]!);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const [x, target] = bottom as [Tensor, Tensor];
    const { losses, work } = this;
    this.bnll.forward(x.data, losses);
    this.product.forward([x.data, target.data], work);
    this.add.run(-1, work, 1, losses);
    if (!this.ignores) return this.sum.run(losses, top[0]!.data, { alpha: 1 / this.normalizer });
    return whenRead([target.data], (targets) => {
      const mask = this.mask.hostWrite<Float32Array>();
      let valid = 0;
      for (let i = 0; i < mask.length; i++) {
        mask[i] = Math.trunc(targets![i]!) === this.lossParam.ignoreLabel ? 0 : 1;
        valid += mask[i]!;
      }
      this.normalize(x.count, valid, x);
      this.product.forward([losses, this.mask], work);
      this.sum.run(work, top[0]!.data, { alpha: 1 / this.normalizer });
    });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 1, 'targets');
    if (!propagateDown[0]) return;
    const [x, target] = bottom as [Tensor, Tensor];
    const { work } = this;
    this.sigmoid.forward(x.data, work);
    this.subtract.forward([work, target.data], work);
    if (this.ignores) this.product.forward([work, this.mask], work);
    return whenRead([top[0]!.diff], (weight) => {
      this.add.run(weight![0]! / this.normalizer, work, 0, x.diff);
    });
  }

  override dispose(): void {
    super.dispose();
    for (const each of [this.losses, this.work, this.mask]) each.release();
  }

  private normalize(count: number, valid: number, x: Tensor): void {
    const named = has(this.lossParam, 'normalization') || has(this.lossParam, 'normalize');
    const mode = named ? normalizationMode(this.lossParam) : LossParameter.NormalizationMode.BATCH_SIZE;
    const outer = x.shape[0] ?? 1;
    this.normalizer = lossNormalizer(mode, { outer, inner: count / outer, valid });
  }
}
