import type { UnaryName } from '@jacinto/core-tensor';
import { UnaryLayer } from './support/unary-layer.ts';

/**
 * y = log(1 + exp(x)), computed as x + log(1 + exp(−x)) for x > 0 (Caffe: BNLL); any shape.
 * Backward: dx = dy·e/(e + 1) with e = exp(min(x, 50)).
 */
export class BNLLLayer extends UnaryLayer {
  static override readonly type = 'BNLL';
  protected override readonly needsInput = true;

  protected override function(): { name: UnaryName } {
    return { name: 'bnll' };
  }
}
