import type { AxpbyOperation, ScaleBiasOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';

/**
 * y = a·x + b with one factor a channel (NVIDIA Caffe: Axpy; channel attention, Hu et al. 2018). bottom[0] a N,C or
 * N,C,1,1; bottom[1] x and bottom[2] b N,C,…; top[0] of x's shape.
 * Backward: da = Σ dy·x over the positions of each channel, dx = dy·a, db = dy.
 */
export class AxpyLayer extends Layer<undefined> {
  static override readonly type = 'Axpy';
  private scale!: ScaleBiasOperation;
  private add!: AxpbyOperation;

  override bottomArity(): Arity {
    return { exact: 3 };
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [a, x, b] = bottom as [Tensor, Tensor, Tensor];
    if (!b.hasShape(x.shape)) {
      throw this.badShape(`bottom[1] is ${x.shapeString()}, bottom[2] is ${b.shapeString()}`, 'give them one shape');
    }
    const [n, c] = x.shape;
    const fits = a.shape[0] === n && a.shape[1] === c && a.shape.slice(2).every((length) => length === 1);
    if (x.axes < 2 || !fits) {
      throw this.badShape(
        `bottom[0] is ${a.shapeString()}, bottom[1] is ${x.shapeString()}`,
        'give bottom[0] one value an item and channel: N,C or N,C,1,1',
      );
    }
    top[0]!.reshapeLike(x);
    const channels = n! * c!;
    const inner = x.countRange(2);
    this.scale = this.backend.scaleBias({ outer: 1, channels, inner, scale: true, bias: false });
    this.add = this.backend.axpby({ count: x.count });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [a, x, b] = bottom as [Tensor, Tensor, Tensor];
    const y = top[0]!.data;
    this.scale.forward({ x: x.data, y, scale: a.data });
    this.add.run(1, b.data, 1, y);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [a, x, b] = bottom as [Tensor, Tensor, Tensor];
    const dy = top[0]!.diff;
    if (propagateDown[0]) {
      this.scale.backward({ x: x.data, dy, scale: a.data, dScale: a.diff }, { accumulate: false });
    }
    if (propagateDown[1]) this.scale.backward({ dy, scale: a.data, dx: x.diff }, { accumulate: false });
    if (propagateDown[2]) this.add.run(1, dy, 0, b.diff);
  }
}
