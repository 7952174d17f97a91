import { type Tensor, Values } from '@jacinto/core-tensor';
import { HingeLossParameter } from '@jacinto/proto';
import { checkLabels, itemLay } from './support/item-labels.ts';
import { LossLayer } from './support/loss-layer.ts';
import { refuseGradient } from './support/no-gradient.ts';
import { whenRead } from './support/when-read.ts';

const { L2 } = HingeLossParameter.Norm;

/**
 * One-vs-all hinge loss (Caffe: HingeLoss): Σ max(0, 1 − s·x)^p / N with s = 1 for the label's score, else −1.
 * bottom[0] scores N,… (all axes but the first are classes); bottom[1] labels N; top[0] a scalar. norm: L1 (default),
 * p = 1; L2, p = 2. Backward to bottom[0]: −s·p·max(0, 1 − s·x)^(p−1)·loss weight/N where the maximum is not 0.
 *
 * @throws CaffeError 'bad-data' in forward for a label that is no class.
 */
export class HingeLossLayer extends LossLayer<HingeLossParameter> {
  static override readonly type = 'HingeLoss';
  static override readonly paramField = 'hingeLossParam';
  private lay = { items: 1, classes: 1 };
  /** The derivative of each term: −s·p·margin^(p−1). */
  private readonly slopes = new Values(this.backend);

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    this.lay = itemLay(bottom[0]!, bottom[1]!);
    this.slopes.resize(bottom[0]!.count);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead([bottom[0]!.data, bottom[1]!.data], (scores, labels) => {
      const { items, classes } = this.lay;
      checkLabels(labels!, classes);
      const squared = this.param.norm === L2;
      const slopes = this.slopes.hostWrite<Float32Array>();
      let sum = 0;
      for (let i = 0; i < slopes.length; i++) {
        const sign = i % classes === labels![Math.floor(i / classes)] ? 1 : -1;
        const margin = Math.max(0, 1 - sign * scores![i]!);
        sum += squared ? margin * margin : margin;
        if (squared) slopes[i] = -sign * 2 * margin;
        else slopes[i] = margin > 0 ? -sign : 0;
      }
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
    return whenRead([top[0]!.diff], (weight) => {
      const factor = weight![0]! / this.lay.items;
      const slopes = this.slopes.hostRead();
      const dx = bottom[0]!.diff.hostWrite<Float32Array>();
      for (let i = 0; i < dx.length; i++) dx[i] = factor * slopes[i]!;
    });
  }

  override dispose(): void {
    super.dispose();
    this.slopes.release();
  }
}
