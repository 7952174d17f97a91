import { type Tensor, Values } from '@jacinto/core-tensor';
import type { Arity } from '@jacinto/net';
import type { ContrastiveLossParameter } from '@jacinto/proto';
import { LossLayer } from './support/loss-layer.ts';
import { refuseGradient } from './support/no-gradient.ts';
import { checkSameCount } from './support/same-count.ts';
import { whenRead } from './support/when-read.ts';

/** Keeps the gradient finite where two features are equal. */
const tiny = 1e-4;

/**
 * Draws features of like pairs together and pushes others apart (Hadsell et al. 2006; Caffe: ContrastiveLoss).
 * bottom[0] and bottom[1] features N,C; bottom[2] N: not 0 where the pair is alike; top[0] a scalar.
 * loss = Σ (alike ? d² : max(margin − d, 0)²) / (2N), d² = Σ (a − b)² of the pair; margin default 1; legacy_version
 * (default false): max(margin − d², 0) for unlike pairs. Backward to bottom[0] and bottom[1].
 */
export class ContrastiveLossLayer extends LossLayer<ContrastiveLossParameter> {
  static override readonly type = 'ContrastiveLoss';
  static override readonly paramField = 'contrastiveLossParam';
  private items = 1;
  /** a − b, and what it is multiplied by for the gradient of a, without the loss weight and 1/N. */
  private readonly difference = new Values(this.backend);
  private readonly factors = new Values(this.backend);

  override bottomArity(): Arity {
    return { exact: 3 };
  }

  override allowForceBackward(index: number): boolean {
    return index !== 2;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    const [a, b, alike] = bottom as [Tensor, Tensor, Tensor];
    checkSameCount([a, b]);
    this.items = a.shape[0] ?? 1;
    if (alike.count !== this.items) {
      throw this.badShape(
        `bottom[2] is ${alike.shapeString()}, but there are ${this.items} pairs`,
        'give one value a pair: 1 alike, 0 not',
      );
    }
    this.difference.resize(a.count);
    this.factors.resize(this.items);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead(
      bottom.map(({ data }) => data),
      (a, b, alike) => {
        const { items } = this;
        const difference = this.difference.hostWrite<Float32Array>();
        const factors = this.factors.hostWrite<Float32Array>();
        const length = difference.length / items;
        let loss = 0;
        for (let n = 0; n < items; n++) {
          let square = 0;
          for (let i = n * length; i < (n + 1) * length; i++) {
            difference[i] = a![i]! - b![i]!;
            square += difference[i]! ** 2;
          }
          const [term, factor] = this.pair(Math.trunc(alike![n]!) !== 0, square);
          loss += term;
          factors[n] = factor;
        }
        top[0]!.data.hostWrite()[0] = loss / items / 2;
      },
    );
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 2, 'labels');
    return whenRead([top[0]!.diff], (weight) => {
      const [difference, factors] = [this.difference.hostRead(), this.factors.hostRead()];
      const length = difference.length / this.items;
      for (const side of [0, 1]) {
        if (!propagateDown[side]) continue;
        const scale = ((side === 0 ? 1 : -1) * weight![0]!) / this.items;
        const dx = bottom[side]!.diff.hostWrite<Float32Array>();
        for (let i = 0; i < dx.length; i++) dx[i] = scale * factors[Math.floor(i / length)]! * difference[i]!;
      }
    });
  }

  override dispose(): void {
    super.dispose();
    this.difference.release();
    this.factors.release();
  }

  /** A pair's term of the loss, and the factor of a − b in its gradient. */
  private pair(alike: boolean, square: number): [term: number, factor: number] {
    const { margin, legacyVersion } = this.param;
    if (alike) return [square, 1];
    if (legacyVersion) return square < margin ? [margin - square, -1] : [0, 0];
    const distance = Math.sqrt(square);
    const missing = margin - distance;
    return missing > 0 ? [missing * missing, -missing / (distance + tiny)] : [0, 0];
  }
}
