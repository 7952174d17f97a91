import { type ScaleBiasOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, fill, Layer } from '@jacinto/net';
import type { FillerParameter, ScaleParameter } from '@jacinto/proto';
import { broadcastOf, learnedShape } from './support/broadcast.ts';
import { constantFiller } from './support/fixed-filler.ts';
import { KeptInput } from './support/kept-input.ts';

/**
 * y = γ·x + β, broadcast (Caffe: Scale). top[0] has the shape of bottom[0]; in place too.
 * One bottom: γ is learned, of the shape of axes axis … axis + num_axes − 1 of x (axis default 1, num_axes default 1,
 * −1 all the rest, 0 a scalar; filler default constant 1). Two bottoms: γ is bottom[1], laid from `axis` on.
 * bias_term (default false) adds a learned β of γ's shape (bias_filler, default 0).
 *
 * Blobs: γ (one bottom), β (bias_term). Learned gradients accumulate, that of bottom[1] is overwritten.
 */
export class ScaleLayer extends Layer<ScaleParameter> {
  static override readonly type = 'Scale';
  static override readonly paramField = 'scaleParam';
  private operation!: ScaleBiasOperation;
  private readonly input = new KeptInput(this.context);

  override bottomArity(): Arity {
    return { min: 1, max: 2 };
  }

  override setUp(bottom: readonly Tensor[]): void {
    const p = this.param;
    const [x, given] = bottom as [Tensor, Tensor?];
    const shape =
      given?.shape ?? learnedShape(x, p.axis, p.numAxes, (problem, fix) => this.fail('num_axes', problem, fix));
    if (given === undefined) this.addBlob(shape, p.filler ?? constantFiller(1));
    if (p.biasTerm) this.addBlob(shape, p.biasFiller);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, given] = bottom as [Tensor, Tensor?];
    const scale = given ?? this.blobs[0]!;
    const lay = broadcastOf(x, scale.shape, this.param.axis);
    if (lay === undefined) {
      throw this.badShape(
        `the scale (${scale.shapeString()}) does not fit bottom[0] (${x.shapeString()}) from axis ${this.param.axis} on`,
        'the lengths must be equal; see scale_param.axis and num_axes',
      );
    }
    top[0]!.reshapeLike(x);
    this.operation = this.backend.scaleBias({ ...lay, scale: true, bias: this.param.biasTerm });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, given] = bottom as [Tensor, Tensor?];
    const scale = (given ?? this.blobs[0]!).data;
    const bias = this.biasBlob(given)?.data;
    const stash = this.input.place(x, top[0]!, given !== undefined || this.needsParamGradient(0));
    this.operation.forward({ x: x.data, y: top[0]!.data, scale, bias, stash });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [bottomX, given] = bottom as [Tensor, Tensor?];
    const dy = top[0]!.diff;
    const scale = (given ?? this.blobs[0]!).data;
    const biasBlob = this.biasBlob(given);
    const dBias = biasBlob !== undefined && this.needsParamGradient(this.blobs.length - 1) ? biasBlob.diff : undefined;
    const dx = propagateDown[0] ? bottomX.diff : undefined;
    if (given === undefined) {
      const dScale = this.needsParamGradient(0) ? this.blobs[0]!.diff : undefined;
      const x = dScale && this.input.read(bottomX, top[0]!);
      this.operation.backward({ x, dy, scale, dx, dScale, dBias }, { accumulate: true });
      return;
    }
    // dx comes last: in place it overwrites dy.
    if (dBias !== undefined) this.operation.backward({ dy, dBias }, { accumulate: true });
    if (propagateDown[1]) {
      const x = this.input.read(bottomX, top[0]!);
      this.operation.backward({ x, dy, scale, dScale: given.diff }, { accumulate: false });
    }
    if (dx !== undefined) this.operation.backward({ dy, scale, dx }, { accumulate: false });
  }

  override dispose(): void {
    super.dispose();
    this.input.dispose();
  }

  private biasBlob(given: Tensor | undefined): Tensor | undefined {
    return this.blobs[given === undefined ? 1 : 0];
  }

  private addBlob(shape: readonly number[], filler?: FillerParameter): void {
    const blob = new Tensor(this.backend, shape);
    fill(blob, filler, this.context.random);
    this.blobs.push(blob);
  }
}
