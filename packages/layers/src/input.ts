import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import type { InputParameter } from '@jacinto/proto';

/**
 * The net's inputs, filled by the caller (Caffe: Input). Tops take their shapes from input_param.shape: one for all,
 * one a top, or none; then the caller reshapes them before the first forward pass.
 */
export class InputLayer extends Layer<InputParameter> {
  static override readonly type = 'Input';
  static override readonly paramField = 'inputParam';

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { min: 1 };
  }

  override setUp(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const { shape } = this.param;
    if (shape.length > 1 && shape.length !== top.length) {
      throw this.fail('shape', `is given ${shape.length} times for ${top.length} tops`, 'give none, one, or one a top');
    }
    if (shape.length === 0) return;
    top.forEach((each, i) => {
      each.reshape((shape[i] ?? shape[0]!).dim.map(Number));
    });
  }

  override reshape(): void {}

  override onlyRunsOperations(): boolean {
    return true;
  }

  override forward(): void {}
}
