import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import { type AccuracyParameter, has } from '@jacinto/proto';
import { type LabelLay, labelLay } from './support/label-axis.ts';
import { isLabel, labelOutOfRange } from './support/labels.ts';
import { rankOfLabel } from './support/rank-of-label.ts';
import { whenRead } from './support/when-read.ts';

/**
 * Share of positions whose label is among the top_k best scores (Caffe: Accuracy). bottom[0] scores with classes along
 * `axis` (default 1), bottom[1] labels, one for every other position; top[0] the share, a scalar; top[1], where given,
 * the share by class [classes] (0 for a class without labels). top_k default 1; of equal scores the higher index ranks
 * first. Labels equal to ignore_label do not count; where none counts the share is 0, as Caffe's on a GPU.
 *
 * @throws CaffeError 'bad-data' in forward for a label that is no class.
 */
export class AccuracyLayer extends Layer<AccuracyParameter> {
  static override readonly type = 'Accuracy';
  static override readonly paramField = 'accuracyParam';
  private lay!: LabelLay;

  override bottomArity(): Arity {
    return { exact: 2 };
  }

  override topArity(): Arity {
    return { min: 1, max: 2 };
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const { topK, axis } = this.param;
    this.lay = labelLay(bottom[0]!, bottom[1]!, axis);
    const { classes } = this.lay;
    if (topK < 1 || topK > classes)
      throw this.fail('top_k', `is ${topK}, but there are ${classes} classes`, `use 1 to ${classes}`);
    top[0]!.reshape([]);
    top[1]?.reshape([classes]);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead([bottom[0]!.data, bottom[1]!.data], (scores, labels) => this.count(scores, labels, top));
  }

  private count(scores: Float32Array, labels: Float32Array, top: readonly Tensor[]): void {
    const { outer, classes, inner } = this.lay;
    const { topK, ignoreLabel } = this.param;
    const ignores = has(this.param, 'ignoreLabel');
    const [right, seen] = [new Float64Array(classes), new Float64Array(classes)];
    let [allRight, allSeen] = [0, 0];
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const label = labels[o * inner + i]!;
        if (ignores && label === ignoreLabel) continue;
        if (!isLabel(label, classes)) throw labelOutOfRange(label, classes);
        const isRight = rankOfLabel(scores, o * classes * inner + i, inner, classes, label) < topK;
        seen[label]!++;
        allSeen++;
        if (!isRight) continue;
        right[label]!++;
        allRight++;
      }
    }
    top[0]!.data.hostWrite()[0] = allSeen === 0 ? 0 : allRight / allSeen;
    top[1]?.data.hostWrite().set(right.map((count, c) => (seen[c] === 0 ? 0 : count / seen[c]!)));
  }
}
