import { type AxpbyOperation, type DropoutOperation, type Tensor, Values } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import { type DropoutParameter, Phase } from '@jacinto/proto';
import { isInPlace } from './support/share.ts';

/**
 * Dropout (Caffe: Dropout; Srivastava et al. 2014). TRAIN: each value is set to 0 with probability dropout_ratio
 * (default 0.5), the others are multiplied by 1/(1 − dropout_ratio); TEST: y = x. Any shape, in place too.
 * The choice depends on the seed (random_seed, default the net's), the layer and the forward pass only.
 */
export class DropoutLayer extends Layer<DropoutParameter> {
  static override readonly type = 'Dropout';
  static override readonly paramField = 'dropoutParam';
  private operation: DropoutOperation | undefined;
  private copy!: AxpbyOperation;
  private readonly mask = new Values(this.backend);

  override setUp(): void {
    const { dropoutRatio } = this.param;
    if (!(dropoutRatio >= 0 && dropoutRatio < 1)) {
      throw this.fail('dropout_ratio', `is ${dropoutRatio}`, 'use 0 or more, less than 1');
    }
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    top[0]!.reshapeLike(x);
    const { count } = x;
    this.copy = this.backend.axpby({ count });
    if (this.context.phase !== Phase.TRAIN) return;
    const { randomSeed, dropoutRatio: ratio } = this.param;
    const seed = randomSeed >= 0 ? Number(randomSeed) : this.context.seed;
    this.mask.resize(count);
    this.operation = this.backend.dropout({ count, ratio, seed, stream: this.context.index });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, y] = [bottom[0]!, top[0]!];
    if (this.operation !== undefined) this.operation.forward(x.data, y.data, this.mask, this.context.forwardCount());
    else if (!isInPlace(x, y)) this.copy.run(1, x.data, 0, y.data);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const [dx, dy] = [bottom[0]!.diff, top[0]!.diff];
    if (this.operation !== undefined) this.operation.backward(dy, this.mask, dx);
    else if (dx !== dy) this.copy.run(1, dy, 0, dx);
  }

  override dispose(): void {
    super.dispose();
    this.mask.release();
  }
}
