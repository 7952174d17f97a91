import { type EltwiseOperation, type Tensor, Values } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import { EltwiseParameter } from '@jacinto/proto';
import { isInPlace } from './support/share.ts';

const { PROD, SUM, MAX } = EltwiseParameter.EltwiseOp;
const methods = { [PROD]: 'product', [SUM]: 'sum', [MAX]: 'max' } as const;

/**
 * Elementwise combination of two or more bottoms of one shape (Caffe: Eltwise). operation SUM (default): y = Σ coeff·x
 * (coeff: none, or one a bottom; default 1); PROD: y = Π x; MAX: y = max x, the gradient goes to the winner, of equals
 * to the second.
 *
 * PROD's gradient is the product of the other bottoms. stable_prod_grad: false asked Caffe for y/x instead, which is
 * NaN where x is 0; the product serves for both. Bottoms keep their values; as caffe-jacinto 0.17 (`compat` of the net),
 * a SUM without coeff writes into its first bottom, and the gradients of all bottoms are the top's memory.
 */
export class EltwiseLayer extends Layer<EltwiseParameter> {
  static override readonly type = 'Eltwise';
  static override readonly paramField = 'eltwiseParam';
  private operation!: EltwiseOperation;
  private readonly winners = new Values(this.backend);
  private xs: readonly Values[] = [];

  override bottomArity(): Arity {
    return { min: 2 };
  }

  override setUp(bottom: readonly Tensor[]): void {
    const { operation, coeff } = this.param;
    if (coeff.length > 0 && operation !== SUM) {
      throw this.fail('coeff', 'is given, but only operation SUM takes factors', 'leave it out, or use SUM');
    }
    if (coeff.length > 0 && coeff.length !== bottom.length) {
      throw this.fail('coeff', `has ${coeff.length} values for ${bottom.length} bottoms`, 'give none, or one a bottom');
    }
  }

  override addsBottoms(): boolean {
    const { operation, coeff } = this.param;
    return operation === SUM && coeff.every((factor) => factor === 1) && !this.sharesMemory();
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [first] = bottom as [Tensor];
    const [y] = top as [Tensor];
    const { operation, coeff } = this.param;
    bottom.forEach((other, i) => {
      if (other.hasShape(first.shape)) return;
      throw this.badShape(
        `bottom[${i}] is ${other.shapeString()}, bottom[0] is ${first.shapeString()}`,
        'all bottoms must have one shape',
      );
    });
    if (operation !== SUM && isInPlace(first, y)) {
      throw this.badShape('cannot work in place but for SUM', 'give the top another name than the bottoms');
    }
    y.reshapeLike(first);
    if (this.sharesMemory()) this.share(bottom, y);
    if (operation === MAX) this.winners.resize(first.count);
    this.operation = this.backend.eltwise({
      method: methods[operation as keyof typeof methods],
      count: first.count,
      inputs: bottom.length,
      ...(coeff.length > 0 && { coefficients: [...coeff] }),
    });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    if (this.sharesMemory()) this.share(bottom, top[0]!);
    this.xs = bottom.map((x) => x.data);
    this.operation.forward(this.xs, top[0]!.data, this.mask());
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [y] = top as [Tensor];
    if (this.sharesMemory()) {
      this.share(bottom, y);
      return;
    }
    // The first comes last: in place it overwrites dy.
    for (let i = bottom.length - 1; i >= 0; i--) {
      if (propagateDown[i]) this.operation.backward(i, this.xs, y.data, y.diff, bottom[i]!.diff, this.mask());
    }
  }

  override dispose(): void {
    super.dispose();
    this.winners.release();
  }

  private sharesMemory(): boolean {
    const { operation, coeff } = this.param;
    return this.context.compat !== undefined && operation === SUM && coeff.length === 0;
  }

  private share(bottom: readonly Tensor[], y: Tensor): void {
    y.shareData(bottom[0]!);
    for (const x of bottom) x.shareDiff(y);
  }

  private mask(): Values | undefined {
    return this.param.operation === MAX ? this.winners : undefined;
  }
}
