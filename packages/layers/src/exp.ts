import type { UnaryName } from '@jacinto/core-tensor';
import type { ExpParameter } from '@jacinto/proto';
import { naturalLogOfBase } from './support/log-base.ts';
import { UnaryLayer } from './support/unary-layer.ts';

/**
 * y = base^(shift + scale·x) (Caffe: Exp); base default −1, which stands for e; scale default 1, shift 0; any shape, in
 * place too. Backward: dx = dy·y·ln(base)·scale.
 */
export class ExpLayer extends UnaryLayer<ExpParameter> {
  static override readonly type = 'Exp';
  static override readonly paramField = 'expParam';
  private readonly logBase = naturalLogOfBase(this.param.base, (...facts) => this.fail(...facts));

  protected override function(): { name: UnaryName; parameters: Record<string, number> } {
    const { scale, shift } = this.param;
    return { name: 'exp', parameters: { factor: this.logBase * scale, inner: this.logBase * shift } };
  }
}
