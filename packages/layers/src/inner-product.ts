import { type GemmOperation, type GemmSpec, type ReduceOperation, Tensor } from '@jacinto/core-tensor';
import { type Fused, fill, Layer, type Rectifier } from '@jacinto/net';
import { type InnerProductParameter, Phase } from '@jacinto/proto';

/**
 * Fully connected layer (Caffe: InnerProduct): y = x·Wᵀ + b. The axes from `axis` (default 1) on are one vector of K
 * values: bottom[0] M…,K… → top[0] M…,num_output.
 *
 * Blobs: weights [num_output, K], with `transpose` [K, num_output] (weight_filler, default 0); bias [num_output] where
 * bias_term (default true; bias_filler, default 0).
 */
export class InnerProductLayer extends Layer<InnerProductParameter> {
  static override readonly type = 'InnerProduct';
  static override readonly paramField = 'innerProductParam';
  private inputs = 0;
  private outputs = 0;
  private spec!: GemmSpec;
  private relu: Rectifier | undefined;
  private product!: GemmOperation;
  private weightGradient!: GemmOperation;
  private inputGradient!: GemmOperation;
  private biasGradient!: ReduceOperation;

  override setUp(bottom: readonly Tensor[]): void {
    const p = this.param;
    const [x] = bottom as [Tensor];
    this.outputs = p.numOutput ?? 0;
    if (this.outputs < 1) {
      throw this.fail('num_output', p.numOutput === undefined ? 'is missing' : 'is 0', 'give the number of outputs');
    }
    this.inputs = x.countRange(x.canonicalAxis(p.axis));
    const shape = p.transpose ? [this.inputs, this.outputs] : [this.outputs, this.inputs];
    const weights = new Tensor(this.backend, shape);
    fill(weights, p.weightFiller, this.context.random);
    this.blobs.push(weights);
    if (!p.biasTerm) return;
    const bias = new Tensor(this.backend, [this.outputs]);
    fill(bias, p.biasFiller, this.context.random);
    this.blobs.push(bias);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const { biasTerm, transpose } = this.param;
    const [x] = bottom as [Tensor];
    const axis = x.canonicalAxis(this.param.axis);
    const [m, n, k] = [x.countRange(0, axis), this.outputs, x.countRange(axis)];
    if (k !== this.inputs) {
      throw this.badShape(
        `bottom[0] is ${x.shapeString()}: ${k} values from axis ${axis} on, but the weights take ${this.inputs}`,
        'an InnerProduct layer needs one input size; crop or pool to a fixed size before it',
      );
    }
    top[0]!.reshape([...x.shape.slice(0, axis), n]);
    this.spec = { m, n, k, transB: !transpose, ...(biasTerm && { bias: 'row' }), relu: this.relu };
    this.product = this.backend.gemm(this.spec);
    this.weightGradient = this.backend.gemm({ m: transpose ? k : n, n: transpose ? n : k, k: m, transA: true });
    this.inputGradient = this.backend.gemm({ m, n: k, k: n, transB: transpose });
    this.biasGradient = this.backend.reduce({ method: 'sum', outer: 1, axis: m, inner: n });
  }

  /** In TEST only, as a convolution: a backend's fused ReLU may make NaN 0. */
  override fuseRectifier(relu: Rectifier | undefined): Fused {
    if (this.context.phase !== Phase.TEST) return 'nothing';
    this.relu = relu;
    this.spec = { ...this.spec, relu };
    this.product = this.backend.gemm(this.spec);
    return relu === undefined ? 'nothing' : 'forward';
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [weights, bias] = this.blobs as [Tensor, Tensor?];
    this.product.run(bottom[0]!.data, weights.data, top[0]!.data, { bias: bias?.data });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [weights, bias] = this.blobs as [Tensor, Tensor?];
    const [x, dy] = [bottom[0]!, top[0]!.diff];
    if (this.needsParamGradient(0)) {
      const [a, b] = this.param.transpose ? [x.data, dy] : [dy, x.data];
      this.weightGradient.run(a, b, weights.diff, { beta: 1 });
    }
    if (bias !== undefined && this.needsParamGradient(1)) this.biasGradient.run(dy, bias.diff, { accumulate: true });
    if (propagateDown[0]) this.inputGradient.run(dy, weights.data, x.diff);
  }
}
