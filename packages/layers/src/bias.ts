import { type ScaleBiasOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, fill, Layer } from '@jacinto/net';
import type { BiasParameter } from '@jacinto/proto';
import { broadcastOf, learnedShape } from './support/broadcast.ts';

/**
 * y = x + β, broadcast (Caffe: Bias). top[0] has the shape of bottom[0]; in place too. One bottom: β is learned, of the
 * shape of axes axis … axis + num_axes − 1 of x (axis default 1, num_axes default 1, −1 all the rest, 0 a scalar;
 * filler default 0). Two bottoms: β is bottom[1], laid from `axis` on.
 *
 * Jacinto nets subtract 128 from pictures by one: filler constant −128, lr_mult 0.
 */
export class BiasLayer extends Layer<BiasParameter> {
  static override readonly type = 'Bias';
  static override readonly paramField = 'biasParam';
  private operation!: ScaleBiasOperation;

  override bottomArity(): Arity {
    return { min: 1, max: 2 };
  }

  override setUp(bottom: readonly Tensor[]): void {
    const { axis, numAxes, filler } = this.param;
    const [x, given] = bottom as [Tensor, Tensor?];
    if (given !== undefined) return;
    const shape = learnedShape(x, axis, numAxes, (problem, fix) => this.fail('num_axes', problem, fix));
    const blob = new Tensor(this.backend, shape);
    fill(blob, filler, this.context.random);
    this.blobs.push(blob);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, given] = bottom as [Tensor, Tensor?];
    const bias = given ?? this.blobs[0]!;
    const lay = broadcastOf(x, bias.shape, this.param.axis);
    if (lay === undefined) {
      throw this.badShape(
        `the bias (${bias.shapeString()}) does not fit bottom[0] (${x.shapeString()}) from axis ${this.param.axis} on`,
        'the lengths must be equal; see bias_param.axis and num_axes',
      );
    }
    top[0]!.reshapeLike(x);
    this.operation = this.backend.scaleBias({ ...lay, scale: false, bias: true });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, given] = bottom as [Tensor, Tensor?];
    this.operation.forward({ x: x.data, y: top[0]!.data, bias: (given ?? this.blobs[0]!).data });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [x, given] = bottom as [Tensor, Tensor?];
    const dy = top[0]!.diff;
    if (given === undefined && this.needsParamGradient(0)) {
      this.operation.backward({ dy, dBias: this.blobs[0]!.diff }, { accumulate: true });
    }
    if (given !== undefined && propagateDown[1]) {
      this.operation.backward({ dy, dBias: given.diff }, { accumulate: false });
    }
    if (propagateDown[0] && dy !== x.diff) this.operation.backward({ dy, dx: x.diff }, { accumulate: false });
  }
}
