import type { UnaryName } from '@jacinto/core-tensor';
import type { SigmoidParameter } from '@jacinto/proto';
import { UnaryLayer } from './support/unary-layer.ts';

/** y = 1/(1 + exp(−x)) (Caffe: Sigmoid); any shape, in place too. Backward: dx = dy·y·(1 − y). */
export class SigmoidLayer extends UnaryLayer<SigmoidParameter> {
  static override readonly type = 'Sigmoid';
  static override readonly paramField = 'sigmoidParam';

  protected override function(): { name: UnaryName } {
    return { name: 'sigmoid' };
  }
}
