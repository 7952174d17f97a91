import type { FillOperation, Tensor, UnaryName } from '@jacinto/core-tensor';
import type { PowerParameter } from '@jacinto/proto';
import { UnaryLayer } from './support/unary-layer.ts';

/**
 * y = (shift + scale·x)^power (Caffe: Power); power default 1, scale 1, shift 0; any shape. Where scale·power is 0, y is
 * constant (shift^power, 1 for power 0) and the gradient 0, whatever x holds.
 * Backward: dx = dy·power·scale·(shift + scale·x)^(power − 1).
 */
export class PowerLayer extends UnaryLayer<PowerParameter> {
  static override readonly type = 'Power';
  static override readonly paramField = 'powerParam';
  protected override readonly needsInput = true;
  private constant: FillOperation | undefined;

  protected override function(): { name: UnaryName; parameters: Record<string, number> } {
    const { power, scale, shift } = this.param;
    return { name: 'power', parameters: { power, scale, shift } };
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    super.reshape(bottom, top);
    const { power, scale } = this.param;
    this.constant = power * scale === 0 ? this.backend.fill({ count: bottom[0]!.count }) : undefined;
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const { power, shift } = this.param;
    if (this.constant === undefined) super.forward(bottom, top);
    else this.constant.run(power === 0 ? 1 : shift ** power, top[0]!.data);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (this.constant === undefined) super.backward(top, propagateDown, bottom);
    else if (propagateDown[0]) this.constant.run(0, bottom[0]!.diff);
  }
}
