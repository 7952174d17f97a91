import type { UnaryName } from '@jacinto/core-tensor';
import { UnaryLayer } from './support/unary-layer.ts';

/** y = |x| (Caffe: AbsVal); any shape. Backward: dx = dy·sign(x), 0 at 0. */
export class AbsValLayer extends UnaryLayer {
  static override readonly type = 'AbsVal';
  protected override readonly needsInput = true;

  protected override function(): { name: UnaryName } {
    return { name: 'abs' };
  }
}
