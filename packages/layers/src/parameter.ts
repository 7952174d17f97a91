import { type AxpbyOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import type { ParameterParameter } from '@jacinto/proto';

/**
 * A learned blob as a top (BVLC Caffe: Parameter), for what other layers take as a bottom. No bottoms; top[0] has the
 * shape parameter_param.shape. Blob: that shape, 0 at first, as in BVLC. Backward: the top's gradient is added to the
 * blob's (BVLC overwrites it).
 */
export class ParameterLayer extends Layer<ParameterParameter> {
  static override readonly type = 'Parameter';
  static override readonly paramField = 'parameterParam';
  private add!: AxpbyOperation;

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override setUp(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const { shape } = this.param;
    if (shape === undefined) throw this.fail('shape', 'is missing', 'give shape { dim: … }');
    this.blobs.push(new Tensor(this.backend, shape.dim.map(Number)));
    top[0]!.reshapeLike(this.blobs[0]!);
  }

  override reshape(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [blob] = this.blobs as [Tensor];
    top[0]!.reshapeLike(blob);
    top[0]!.shareData(blob);
    this.add = this.backend.axpby({ count: blob.count });
  }

  override forward(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    top[0]!.shareData(this.blobs[0]!);
  }

  override backward(top: readonly Tensor[]): void {
    if (this.needsParamGradient(0)) this.add.run(1, top[0]!.diff, 1, this.blobs[0]!.diff);
  }
}
