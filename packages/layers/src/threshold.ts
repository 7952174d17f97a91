import type { Tensor, UnaryName } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { ThresholdParameter } from '@jacinto/proto';
import { UnaryLayer } from './support/unary-layer.ts';

/** y = 1 where x > threshold (default 0), else 0 (Caffe: Threshold); any shape. No gradient. */
export class ThresholdLayer extends UnaryLayer<ThresholdParameter> {
  static override readonly type = 'Threshold';
  static override readonly paramField = 'thresholdParam';

  protected override function(): { name: UnaryName; parameters: Record<string, number> } {
    return { name: 'threshold', parameters: { threshold: this.param.threshold } };
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    Layer.prototype.backward.call(this, top, propagateDown, bottom);
  }
}
