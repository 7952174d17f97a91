import { type Tensor, Values } from '@jacinto/core-tensor';
import type { Arity } from '@jacinto/net';
import { LossLayer } from './support/loss-layer.ts';
import { refuseGradient } from './support/no-gradient.ts';
import { checkSameCount } from './support/same-count.ts';
import { whenRead } from './support/when-read.ts';

/**
 * loss = Σ f(w·(a − b)) / N with f(d) = d²/2 where |d| < 1, else |d| − 1/2 (Girshick 2015; Caffe: SmoothL1Loss).
 * bottom[0] and bottom[1] N,… with equal counts; bottom[2], where given, the weights w (default 1); top[0] a scalar.
 * Backward: ±f′(w·(a − b))·loss weight/N, to bottom[0] and bottom[1]. As in Caffe w is not multiplied again: with
 * weights of 0 and 1, their use, this is the gradient.
 */
export class SmoothL1LossLayer extends LossLayer<undefined> {
  static override readonly type = 'SmoothL1Loss';
  private readonly difference = new Values(this.backend);

  override bottomArity(): Arity {
    return { min: 2, max: 3 };
  }

  override allowForceBackward(index: number): boolean {
    return index < 2;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    checkSameCount(bottom);
    this.difference.resize(bottom[0]!.count);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead(
      bottom.map(({ data }) => data),
      (a, b, w) => {
        const d = this.difference.hostWrite<Float32Array>();
        let sum = 0;
        for (let i = 0; i < d.length; i++) {
          const value = w === undefined ? a![i]! - b![i]! : w[i]! * (a![i]! - b![i]!);
          const size = Math.abs(value);
          d[i] = value;
          sum += size < 1 ? 0.5 * value * value : size - 0.5;
        }
        top[0]!.data.hostWrite()[0] = sum / (bottom[0]!.shape[0] ?? 1);
      },
    );
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 2, 'weights');
    return whenRead([top[0]!.diff], (weight) => {
      const d = this.difference.hostRead();
      for (const i of [0, 1]) {
        if (!propagateDown[i]) continue;
        const factor = ((i === 0 ? 1 : -1) * weight![0]!) / (bottom[0]!.shape[0] ?? 1);
        const dx = bottom[i]!.diff.hostWrite<Float32Array>();
        for (let k = 0; k < dx.length; k++) dx[k] = factor * Math.min(1, Math.max(-1, d[k]!));
      }
    });
  }

  override dispose(): void {
    super.dispose();
    this.difference.release();
  }
}
