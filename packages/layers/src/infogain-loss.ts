import type { Tensor } from '@jacinto/core-tensor';
import type { Arity } from '@jacinto/net';
import { blobShape, blobValues, CaffeError, type InfogainLossParameter } from '@jacinto/proto';
import { checkLabels, itemLay } from './support/item-labels.ts';
import { leastProbability } from './support/least-probability.ts';
import { LossLayer } from './support/loss-layer.ts';
import { refuseGradient } from './support/no-gradient.ts';
import { whenRead } from './support/when-read.ts';

/**
 * Multinomial logistic loss whose terms a matrix H weights (Caffe: InfogainLoss):
 * loss = −Σ_n Σ_j H[label, j]·log(max(p_j, 1e-20)) / N. bottom[0] probabilities N,… (all axes but the first are
 * classes), bottom[1] labels N, bottom[2], where given, H (classes × classes); without it H is read from `source`, a
 * BlobProto file. top[0] a scalar. With H = identity it is MultinomialLogisticLoss.
 * Backward to bottom[0]: −H[label, j]·loss weight/(N·p_j).
 *
 * As in caffe-jacinto bottom[0] holds probabilities; BVLC Caffe 1.0 takes scores and applies the softmax itself: there
 * put a Softmax layer before it.
 *
 * @throws CaffeError 'bad-data' in forward for a label that is no class; 'missing', 'bad-file' for `source`.
 */
export class InfogainLossLayer extends LossLayer<InfogainLossParameter> {
  static override readonly type = 'InfogainLoss';
  static override readonly paramField = 'infogainLossParam';
  private lay = { items: 1, classes: 1 };
  private fromFile: Float32Array | undefined;

  override bottomArity(): Arity {
    return { min: 2, max: 3 };
  }

  override allowForceBackward(index: number): boolean {
    return index === 0;
  }

  override async setUp(bottom: readonly Tensor[]): Promise<void> {
    if (bottom.length === 3) return;
    const { source } = this.param;
    if (!source) throw this.fail('source', 'is missing', 'name a file with the matrix H, or give it as bottom[2]');
    const { readBlobFile } = await import('@jacinto/proto/node'); // here, so that a browser can load the package
    const matrix = readBlobFile(this.context.resolvePath(source));
    this.checkMatrix(blobShape(matrix), bottom[0]!, source);
    this.fromFile = Float32Array.from(blobValues(matrix) as ArrayLike<number>);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    this.lay = itemLay(bottom[0]!, bottom[1]!);
    if (bottom[2] !== undefined) this.checkMatrix(bottom[2].shape, bottom[0]!, 'bottom[2]');
    else if (this.fromFile!.length !== this.lay.classes ** 2) {
      throw this.badShape(`the matrix H has ${this.fromFile!.length} values for ${this.lay.classes} classes`);
    }
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead(
      bottom.map(({ data }) => data),
      (p, labels, given) => {
        const { items, classes } = this.lay;
        const weights = given ?? this.fromFile!;
        checkLabels(labels!, classes);
        let sum = 0;
        for (let n = 0; n < items; n++) {
          const row = labels![n]! * classes;
          for (let j = 0; j < classes; j++) {
            sum -= weights[row + j]! * Math.log(Math.max(p![n * classes + j]!, leastProbability));
          }
        }
        top[0]!.data.hostWrite()[0] = sum / items;
      },
    );
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 1, 'labels');
    refuseGradient(propagateDown, 2, 'matrix');
    if (!propagateDown[0]) return;
    return whenRead([top[0]!.diff, ...bottom.map(({ data }) => data)], (weight, p, labels, given) => {
      const { items, classes } = this.lay;
      const weights = given ?? this.fromFile!;
      const dx = bottom[0]!.diff.hostWrite<Float32Array>();
      for (let n = 0; n < items; n++) {
        const row = labels![n]! * classes;
        for (let j = 0; j < classes; j++) {
          const at = n * classes + j;
          dx[at] = (-weights[row + j]! * weight![0]!) / items / Math.max(p![at]!, leastProbability);
        }
      }
    });
  }

  private checkMatrix(shape: readonly number[], scores: Tensor, what: string): void {
    const classes = scores.count / (scores.shape[0] ?? 1);
    const [rows, columns] = [shape.at(-2), shape.at(-1)];
    if (rows === classes && columns === classes && shape.slice(0, -2).every((length) => length === 1)) return;
    throw new CaffeError({
      code: 'bad-shape',
      problem: `the matrix H (${what}) has the shape ${shape.join(' ')}, but there are ${classes} classes`,
      fix: `give it as ${classes} x ${classes}`,
    });
  }
}
