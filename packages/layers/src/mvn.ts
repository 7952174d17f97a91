import {
  type EltwiseOperation,
  type ReduceOperation,
  type ScaleBiasOperation,
  type Tensor,
  type UnaryOperation,
  Values,
} from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { MVNParameter } from '@jacinto/proto';

/**
 * Mean and variance normalisation (Caffe: MVN): y = (x − mean)/(√variance + eps), each over the positions of one
 * channel of one item, with across_channels (default false) over the whole item. normalize_variance: false subtracts
 * the mean only; eps default 1e-9. bottom[0] N,C,…; top[0] of its shape; in place too.
 * Backward: dx = (dy − mean(dy) − y·mean(dy·y))/(√variance + eps), which as in Caffe takes eps for small beside
 * √variance; without variance dy − mean(dy).
 */
export class MVNLayer extends Layer<MVNParameter> {
  static override readonly type = 'MVN';
  static override readonly paramField = 'mvnParam';
  private length = 1;
  private sum!: ReduceOperation;
  private sumOfSquares!: ReduceOperation;
  private shift!: ScaleBiasOperation;
  private scale!: ScaleBiasOperation;
  private scaleAndShift!: ScaleBiasOperation;
  private root!: UnaryOperation;
  private inverse!: UnaryOperation;
  private product!: EltwiseOperation;
  private add!: EltwiseOperation;
  /** One value a group: −mean, 1/(√variance + eps), and two sums of backward. */
  private readonly means = new Values(this.backend);
  private readonly factors = new Values(this.backend);
  private readonly sums = new Values(this.backend);
  private readonly products = new Values(this.backend);
  private readonly scratch = new Values(this.backend);

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    if (x.axes < 2) throw this.badShape(`bottom[0] is ${x.shapeString()}`, 'give it items and channels: N,C,…');
    top[0]!.reshapeLike(x);
    const groups = x.countRange(0, this.param.acrossChannels ? 1 : 2);
    const { count } = x;
    this.length = groups === 0 ? 1 : count / groups;
    const rows = { outer: groups, axis: this.length, inner: 1 };
    const lay = { outer: 1, channels: groups, inner: this.length };
    const { backend } = this;
    this.sum = backend.reduce({ method: 'sum', ...rows });
    this.sumOfSquares = backend.reduce({ method: 'sumsq', ...rows });
    this.shift = backend.scaleBias({ ...lay, scale: false, bias: true });
    this.scale = backend.scaleBias({ ...lay, scale: true, bias: false });
    this.scaleAndShift = backend.scaleBias({ ...lay, scale: true, bias: true });
    this.root = backend.unary({ name: 'power', count: groups, parameters: { power: 0.5 } });
    const shift = { power: -1, shift: this.param.eps };
    this.inverse = backend.unary({ name: 'power', count: groups, parameters: shift });
    this.product = backend.eltwise({ method: 'product', count, inputs: 2 });
    this.add = backend.eltwise({ method: 'sum', count, inputs: 2 });
    for (const each of [this.means, this.factors, this.sums, this.products]) each.resize(groups);
    this.scratch.resize(count);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const y = top[0]!.data;
    const { means, factors, length } = this;
    this.sum.run(bottom[0]!.data, means, { alpha: -1 / length });
    this.shift.forward({ x: bottom[0]!.data, y, bias: means });
    if (!this.param.normalizeVariance) return;
    this.sumOfSquares.run(y, factors, { alpha: 1 / length });
    this.root.forward(factors, factors);
    this.inverse.forward(factors, factors);
    this.scale.forward({ x: y, y, scale: factors });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const [y, dy, dx] = [top[0]!.data, top[0]!.diff, bottom[0]!.diff];
    const { sums, products, scratch, length } = this;
    this.sum.run(dy, sums, { alpha: -1 / length });
    if (!this.param.normalizeVariance) {
      this.shift.forward({ x: dy, y: dx, bias: sums });
      return;
    }
    this.product.forward([y, dy], scratch);
    this.sum.run(scratch, products, { alpha: -1 / length });
    this.scaleAndShift.forward({ x: y, y: scratch, scale: products, bias: sums });
    this.add.forward([dy, scratch], dx);
    this.scale.forward({ x: dx, y: dx, scale: this.factors });
  }

  override dispose(): void {
    super.dispose();
    for (const each of [this.means, this.factors, this.sums, this.products, this.scratch]) each.release();
  }
}
