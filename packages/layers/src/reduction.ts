import type {
  AxpbyOperation,
  FillOperation,
  ReduceOperation,
  ScaleBiasOperation,
  Tensor,
  UnaryOperation,
} from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import { ReductionParameter } from '@jacinto/proto';

const { SUM, ASUM, SUMSQ, MEAN } = ReductionParameter.ReductionOp;
const methods = { [SUM]: 'sum', [ASUM]: 'asum', [SUMSQ]: 'sumsq', [MEAN]: 'sum' } as const;

/**
 * Reduces the axes from `axis` (default 0) on to one value each (Caffe: Reduction): bottom[0] M…,K… → top[0] M….
 * operation SUM (default): coeff·Σ x; ASUM: coeff·Σ |x|; SUMSQ: coeff·Σ x²; MEAN: coeff·Σ x/K. coeff default 1.
 * Backward: coeff·dy times 1, sign x, 2x, or 1/K.
 */
export class ReductionLayer extends Layer<ReductionParameter> {
  static override readonly type = 'Reduction';
  static override readonly paramField = 'reductionParam';
  private coeff = 1;
  private reduce!: ReduceOperation;
  private spread!: ScaleBiasOperation;
  private ones!: FillOperation;
  private scale!: AxpbyOperation;
  private sign!: UnaryOperation;

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const { operation, coeff } = this.param;
    const axis = x.axes === 0 && this.param.axis === 0 ? 0 : x.canonicalAxis(this.param.axis);
    const [outer, length] = [x.countRange(0, axis), x.countRange(axis)];
    if (operation === MEAN && length === 0) throw this.badShape(`bottom[0] is ${x.shapeString()}: the mean of nothing`);
    top[0]!.reshape(x.shape.slice(0, axis));
    const { count } = x;
    this.coeff = operation === MEAN ? coeff / length : coeff;
    this.reduce = this.backend.reduce({
      method: methods[operation as keyof typeof methods],
      outer,
      axis: length,
      inner: 1,
    });
    this.spread = this.backend.scaleBias({ outer: 1, channels: outer, inner: length, scale: true, bias: false });
    this.ones = this.backend.fill({ count });
    this.scale = this.backend.axpby({ count });
    this.sign = this.backend.unary({ name: 'abs', count });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    this.reduce.run(bottom[0]!.data, top[0]!.data, { alpha: this.coeff });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const { data: x, diff: dx } = bottom[0]!;
    const { operation } = this.param;
    const factor = operation === SUMSQ ? 2 * this.coeff : this.coeff;
    if (operation === SUMSQ) this.scale.run(factor, x, 0, dx);
    else this.ones.run(factor, dx);
    this.spread.forward({ x: dx, y: dx, scale: top[0]!.diff });
    if (operation === ASUM) this.sign.backward(x, x, dx, dx);
  }
}
