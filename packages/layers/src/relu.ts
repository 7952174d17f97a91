import type { Tensor, UnaryName } from '@jacinto/core-tensor';
import type { Rectifier } from '@jacinto/net';
import type { ReLUParameter } from '@jacinto/proto';
import { isInPlace } from './support/share.ts';
import { UnaryLayer } from './support/unary-layer.ts';

/**
 * Rectifier (Caffe: ReLU): y = max(x, 0) + negative_slope·min(x, 0), negative_slope default 0; any shape, in place too.
 * Backward: dx = dy where x > 0, else negative_slope·dy.
 */
export class ReLULayer extends UnaryLayer<ReLUParameter> {
  static override readonly type = 'ReLU';
  static override readonly paramField = 'reluParam';

  protected override function(): { name: UnaryName; parameters: Record<string, number> } {
    return { name: 'relu', parameters: { slope: this.param.negativeSlope } };
  }

  override rectifier(): Rectifier | undefined {
    const { negativeSlope: slope } = this.param;
    return slope >= 0 ? { slope } : undefined;
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const { negativeSlope } = this.param;
    // In place the sign of x is read off y, which a negative slope turns round.
    if (negativeSlope < 0 && propagateDown[0] && isInPlace(bottom[0]!, top[0]!)) {
      throw this.fail(
        'negative_slope',
        `is ${negativeSlope}, which has no gradient in place`,
        'give the top another name',
      );
    }
    super.backward(top, propagateDown, bottom);
  }
}
