import type { UnaryName } from '@jacinto/core-tensor';
import type { ELUParameter } from '@jacinto/proto';
import { UnaryLayer } from './support/unary-layer.ts';

/**
 * y = lambda·max(x, 0) + alpha·(exp(min(x, 0)) − 1) (Caffe: ELU; Clevert et al. 2015), alpha and lambda default 1; any
 * shape, in place too. Backward, as caffe-jacinto has it: dx = lambda·dy·(1 where x > 0, else alpha + y).
 */
export class ELULayer extends UnaryLayer<ELUParameter> {
  static override readonly type = 'ELU';
  static override readonly paramField = 'eluParam';
  // In place y < 0 tells x < 0 only where alpha is positive.
  protected override readonly needsInput = true;

  protected override function(): { name: UnaryName; parameters: Record<string, number> } {
    const { alpha, lambda } = this.param;
    return { name: 'elu', parameters: { alpha, lambda } };
  }
}
