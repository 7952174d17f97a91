import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer, type LayerState } from '@jacinto/net';

const batch = 4;

/** A data layer: record i of 20 is (sin i, cos 2i, sin 3i) → x₀ − 2·x₁ + ½; it keeps its position as data layers do. */
export class CountingLayer extends Layer {
  static override readonly type = 'Counting';
  private position = 0;

  /** As data layers tell it. */
  get epoch(): { records: number; batch: number } {
    return { records: 20, batch };
  }

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { exact: 2 };
  }

  override reshape(_bottom: readonly Tensor[], [x, y]: readonly Tensor[]): void {
    x!.reshape([batch, 3]);
    y!.reshape([batch, 1]);
  }

  override forward(_bottom: readonly Tensor[], [x, y]: readonly Tensor[]): void {
    const inputs = x!.data.hostWrite();
    const targets = y!.data.hostWrite();
    for (let n = 0; n < batch; n++) {
      const i = this.position++ % 20;
      inputs.set([Math.sin(i), Math.cos(2 * i), Math.sin(3 * i)], n * 3);
      targets[n] = inputs[n * 3]! - 2 * inputs[n * 3 + 1]! + 0.5;
    }
  }

  override saveState(): LayerState {
    return { position: this.position };
  }

  override restoreState({ position }: LayerState): void {
    this.position = position as number;
  }
}
