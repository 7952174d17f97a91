import { type LrnOperation, type Tensor, Values } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import { LRNParameter } from '@jacinto/proto';
import { isInPlace } from './support/share.ts';

/**
 * Local response normalisation (Caffe: LRN; Krizhevsky et al. 2012). bottom[0] and top[0] N,C,H,W; y = x·s^−beta with
 * ACROSS_CHANNELS (default): s = k + (alpha/local_size)·Σ x² over local_size channels around;
 * WITHIN_CHANNEL: s = 1 + alpha·(average of x² over local_size × local_size pixels around, padding counts); k unused.
 * local_size (odd) default 5, alpha 1, beta 0.75, k 1. Not in place.
 */
export class LRNLayer extends Layer<LRNParameter> {
  static override readonly type = 'LRN';
  static override readonly paramField = 'lrnParam';
  private operation!: LrnOperation;
  private readonly scale = new Values(this.backend);

  override setUp(): void {
    const { localSize } = this.param;
    if (localSize % 2 !== 1)
      throw this.fail('local_size', `is ${localSize}`, `use an odd number such as ${localSize + 1}`);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const { localSize: size, alpha, beta, k, normRegion } = this.param;
    const [x] = bottom as [Tensor];
    const [y] = top as [Tensor];
    if (x.axes !== 4) throw this.badShape(`bottom[0] is ${x.shapeString()}`, 'LRN needs 4 axes: N, C, H, W');
    if (isInPlace(x, y)) throw this.badShape('cannot work in place', 'give the top another name than the bottom');
    y.reshapeLike(x);
    this.scale.resize(x.count);
    const region = normRegion === LRNParameter.NormRegion.WITHIN_CHANNEL ? 'within-channel' : 'across-channels';
    this.operation = this.backend.lrn({ x: x.spec, region, size, alpha, beta, k });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    this.operation.forward(bottom[0]!.data, top[0]!.data, this.scale);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [x, y] = [bottom[0]!, top[0]!];
    if (propagateDown[0]) this.operation.backward(x.data, y.data, this.scale, y.diff, x.diff);
  }

  override dispose(): void {
    super.dispose();
    this.scale.release();
  }
}
