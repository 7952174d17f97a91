import { type SoftmaxLossOperation, Tensor, Values } from '@jacinto/core-tensor';
import type { Arity } from '@jacinto/net';
import { CaffeError, create, has, type LossParameter, type SoftmaxParameter } from '@jacinto/proto';
import { type LabelLay, labelLay } from './support/label-axis.ts';
import { labelOutOfRange } from './support/labels.ts';
import { LossLayer } from './support/loss-layer.ts';
import { lossNormalizer, normalizationMode } from './support/loss-normalizer.ts';
import { whenRead } from './support/when-read.ts';

/**
 * Multinomial logistic loss of a softmax (Caffe: SoftmaxWithLoss). bottom[0] scores with classes along
 * softmax_param.axis (default 1); bottom[1] labels, one for every other position; top[0] the loss, a scalar; top[1],
 * where given, the probabilities.
 *
 * loss = −Σ weight(label)·log(max(p of label, FLT_MIN)) / normalizer. loss_param: ignore_label (those positions give no
 * loss and no gradient), normalization FULL, VALID (default), BATCH_SIZE or NONE, label_weights (one a class, default
 * 1; as in caffe-jacinto they weight the loss only, not the gradient).
 * Backward: (p − onehot)·loss weight/normalizer·(the solver's global gradient scale).
 *
 * @throws CaffeError 'bad-data' in forward for a label that is no class.
 */
export class SoftmaxWithLossLayer extends LossLayer<SoftmaxParameter> {
  static override readonly type = 'SoftmaxWithLoss';
  static override readonly paramField = 'softmaxParam';
  private readonly lossParam: LossParameter = this.layerParam.lossParam ?? create('LossParameter');
  private operation!: SoftmaxLossOperation;
  private lay!: LabelLay;
  private normalizer = 1;
  private readonly probabilities = new Tensor(this.backend);
  private readonly parts = new Values(this.backend, 4);
  private labelWeights: Values | undefined;

  override topArity(): Arity {
    return { min: 1, max: 2 };
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    const [scores, labels] = bottom as [Tensor, Tensor];
    this.lay = labelLay(scores, labels, this.param.axis);
    const { outer, classes, inner } = this.lay;
    const { lossParam } = this;
    const ignoreLabel = has(lossParam, 'ignoreLabel') ? lossParam.ignoreLabel : undefined;
    this.operation = this.backend.softmaxLoss({ outer, channels: classes, inner, ignoreLabel });
    this.probabilities.reshapeLike(scores);
    if (top[1] !== undefined) {
      top[1].reshapeLike(scores);
      top[1].shareData(this.probabilities);
    }
    this.takeLabelWeights(classes);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const [scores, labels] = bottom as [Tensor, Tensor];
    const { parts, labelWeights } = this;
    this.operation.forward({ x: scores.data, label: labels.data, prob: this.probabilities.data, parts, labelWeights });
    return whenRead([parts], (values) => {
      const [loss, valid, wrong, firstWrong] = values as unknown as [number, number, number, number];
      if (wrong > 0) throw labelOutOfRange(firstWrong, this.lay.classes, wrong - 1);
      this.normalizer = lossNormalizer(normalizationMode(this.lossParam), { ...this.lay, valid });
      top[0]!.data.hostWrite()[0] = loss / this.normalizer;
    });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    if (propagateDown[1]) {
      throw new CaffeError({
        code: 'unsupported',
        problem: 'has no gradient for its labels (bottom[1])',
        fix: 'set propagate_down: false for them',
      });
    }
    if (!propagateDown[0]) return;
    const [scores, labels] = bottom as [Tensor, Tensor];
    return whenRead([top[0]!.diff], ([weight]) => {
      const factor = (weight! / this.normalizer) * this.context.gradientScale();
      this.operation.backward({ prob: this.probabilities.data, label: labels.data, dx: scores.diff }, factor);
    });
  }

  override dispose(): void {
    super.dispose();
    this.probabilities.dispose();
    this.parts.release();
    this.labelWeights?.release();
  }

  private takeLabelWeights(classes: number): void {
    const given = this.lossParam.labelWeights;
    if (given.length === 0) return;
    if (given.length !== classes) {
      throw new CaffeError({
        code: 'bad-value',
        field: 'loss_param.label_weights',
        problem: `has ${given.length} values for ${classes} classes`,
        fix: 'give none, or one a class',
      });
    }
    this.labelWeights ??= new Values(this.backend, classes);
    this.labelWeights.hostWrite().set(given);
  }
}
