import type { FillOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';

/** Takes bottoms that would else be outputs of the net (Caffe: Silence). No tops; gradients are 0. */
export class SilenceLayer extends Layer {
  static override readonly type = 'Silence';
  private zeros: FillOperation[] = [];

  override bottomArity(): Arity {
    return { min: 1 };
  }

  override topArity(): Arity {
    return { exact: 0 };
  }

  override reshape(bottom: readonly Tensor[]): void {
    this.zeros = bottom.map(({ count }) => this.backend.fill({ count }));
  }

  override forward(): void {}

  override backward(_top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    bottom.forEach((x, i) => {
      if (propagateDown[i]) this.zeros[i]!.run(0, x.diff);
    });
  }
}
