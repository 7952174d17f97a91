import {
  type AxpbyOperation,
  type ScaleBiasOperation,
  Tensor,
  type UnaryOperation,
  Values,
} from '@jacinto/core-tensor';
import { fill, Layer } from '@jacinto/net';
import type { PReLUParameter } from '@jacinto/proto';
import { constantFiller } from './support/fixed-filler.ts';
import { KeptInput } from './support/kept-input.ts';

/**
 * Rectifier with a learned slope (Caffe: PReLU; He et al. 2015): y = max(x, 0) + a_c·min(x, 0). bottom[0] and top[0]
 * N,C,…; in place too. Blob: slopes a [C], with channel_shared one [] (filler default constant 0.25).
 * Backward: dx = dy·(x > 0 ? 1 : a_c), da_c += Σ dy·x over x ≤ 0.
 */
export class PReLULayer extends Layer<PReLUParameter> {
  static override readonly type = 'PReLU';
  static override readonly paramField = 'preluParam';
  private channels = 0;
  private relu!: UnaryOperation;
  private slopes!: ScaleBiasOperation;
  private add!: AxpbyOperation;
  private readonly input = new KeptInput(this.context);
  /** The part of values at and below 0. */
  private readonly below = new Values(this.backend);

  override setUp(bottom: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const { channelShared, filler } = this.param;
    if (x.axes < 2)
      throw this.badShape(`bottom[0] is ${x.shapeString()}`, 'PReLU needs an axis of items and one of channels');
    this.channels = x.shape[1]!;
    const slopes = new Tensor(this.backend, channelShared ? [] : [this.channels]);
    fill(slopes, filler ?? constantFiller(0.25), this.context.random);
    this.blobs.push(slopes);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    if (x.axes < 2 || x.shape[1] !== this.channels) {
      throw this.badShape(`bottom[0] is ${x.shapeString()}, but the slopes were made for ${this.channels} channels`);
    }
    top[0]!.reshapeLike(x);
    const { count } = x;
    const lay = this.param.channelShared
      ? { outer: 1, channels: 1, inner: count }
      : { outer: x.shape[0]!, channels: this.channels, inner: x.countRange(2) };
    this.relu = this.backend.unary({ name: 'relu', count });
    this.slopes = this.backend.scaleBias({ ...lay, scale: true, bias: false });
    this.add = this.backend.axpby({ count });
    this.below.resize(count);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, y] = [bottom[0]!.data, top[0]!.data];
    const scale = this.blobs[0]!.data;
    const { below } = this;
    const stash = this.input.place(bottom[0]!, top[0]!);
    if (stash !== undefined) this.add.run(1, x, 0, stash);
    this.add.run(1, x, 0, below);
    this.relu.forward(x, y);
    this.add.run(-1, y, 1, below); // min(x, 0)
    this.slopes.forward({ x: below, y: below, scale });
    this.add.run(1, below, 1, y);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [slopes] = this.blobs as [Tensor];
    const [bottomX, y] = [bottom[0]!, top[0]!];
    const { below } = this;
    const needsSlopes = this.needsParamGradient(0);
    if (!needsSlopes && !propagateDown[0]) return;
    const x = this.input.read(bottomX, y);
    // below = dy where x ≤ 0: dy less what a plain rectifier lets through.
    this.relu.backward(x, y.data, y.diff, below);
    this.add.run(1, y.diff, -1, below);
    if (needsSlopes) this.slopes.backward({ x, dy: below, dScale: slopes.diff }, { accumulate: true });
    if (!propagateDown[0]) return;
    const dx = bottomX.diff;
    if (dx !== y.diff) this.add.run(1, y.diff, 0, dx);
    this.add.run(-1, below, 1, dx);
    this.slopes.backward({ dy: below, scale: slopes.data, dx: below }, { accumulate: false });
    this.add.run(1, below, 1, dx);
  }

  override dispose(): void {
    super.dispose();
    this.input.dispose();
    this.below.release();
  }
}
