import type { UnaryName } from '@jacinto/core-tensor';
import type { LogParameter } from '@jacinto/proto';
import { naturalLogOfBase } from './support/log-base.ts';
import { UnaryLayer } from './support/unary-layer.ts';

/**
 * y = log_base(shift + scale·x) (Caffe: Log); base default −1, which stands for e; scale default 1, shift 0; any shape.
 * Backward: dx = dy·scale/((shift + scale·x)·ln(base)). Where shift + scale·x is negative the logarithm is NaN.
 */
export class LogLayer extends UnaryLayer<LogParameter> {
  static override readonly type = 'Log';
  static override readonly paramField = 'logParam';
  protected override readonly needsInput = true;
  private readonly logBase = naturalLogOfBase(this.param.base, (...facts) => this.fail(...facts));

  override setUp(): void {
    if (this.logBase === 0) throw this.fail('base', 'is 1', 'use another positive number, or -1 for e');
  }

  protected override function(): { name: UnaryName; parameters: Record<string, number> } {
    const { scale, shift } = this.param;
    return { name: 'log', parameters: { scale, shift, factor: 1 / this.logBase } };
  }
}
