import type { Tensor } from '@jacinto/core-tensor';
import { checkLabels, itemLay } from './support/item-labels.ts';
import { leastProbability } from './support/least-probability.ts';
import { LossLayer } from './support/loss-layer.ts';
import { refuseGradient } from './support/no-gradient.ts';
import { whenRead } from './support/when-read.ts';

/**
 * loss = −Σ log(max(p of the label, 1e-20)) / N (Caffe: MultinomialLogisticLoss), of probabilities as Softmax gives
 * them; SoftmaxWithLoss computes both together, more exactly. bottom[0] probabilities N,… (all axes but the first are
 * classes); bottom[1] labels N; top[0] a scalar. Backward to bottom[0]: −loss weight/(N·p) at the label, else 0.
 *
 * @throws CaffeError 'bad-data' in forward for a label that is no class.
 */
export class MultinomialLogisticLossLayer extends LossLayer<undefined> {
  static override readonly type = 'MultinomialLogisticLoss';
  private lay = { items: 1, classes: 1 };

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    this.lay = itemLay(bottom[0]!, bottom[1]!);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead([bottom[0]!.data, bottom[1]!.data], (p, labels) => {
      const { items, classes } = this.lay;
      checkLabels(labels!, classes);
      let sum = 0;
      labels!.forEach((label, n) => {
        sum -= Math.log(Math.max(p![n * classes + label]!, leastProbability));
      });
      top[0]!.data.hostWrite()[0] = sum / items;
    });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 1, 'labels');
    if (!propagateDown[0]) return;
    return whenRead([bottom[0]!.data, bottom[1]!.data, top[0]!.diff], (p, labels, weight) => {
      const { items, classes } = this.lay;
      const dx = bottom[0]!.diff.hostWrite<Float32Array>().fill(0);
      labels!.forEach((label, n) => {
        const at = n * classes + label;
        dx[at] = -weight![0]! / items / Math.max(p![at]!, leastProbability);
      });
    });
  }
}
