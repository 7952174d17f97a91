import type { UnaryName } from '@jacinto/core-tensor';
import type { TanHParameter } from '@jacinto/proto';
import { UnaryLayer } from './support/unary-layer.ts';

/** y = tanh x (Caffe: TanH); any shape, in place too. Backward: dx = dy·(1 − y²). */
export class TanHLayer extends UnaryLayer<TanHParameter> {
  static override readonly type = 'TanH';
  static override readonly paramField = 'tanhParam';

  protected override function(): { name: UnaryName } {
    return { name: 'tanh' };
  }
}
