import type { AxpbyOperation, Backend, BatchNormOperation, ScaleBiasOperation, TensorSpec } from '@jacinto/core-tensor';
import { countOf, Values } from '@jacinto/core-tensor';

/**
 * Gradients of γ and β of a batch norm that used its running statistics (TEST with force_backward): dβ = Σ dy,
 * dγ = Σ dy·x̂, where x̂ = (x − mean)/√(variance + eps) is computed again. `keep` saves an input about to be overwritten.
 */
export class GlobalScaleGradient {
  private readonly copy: AxpbyOperation;
  private readonly normalize: BatchNormOperation;
  private readonly sums: ScaleBiasOperation;
  private readonly kept: Values;
  private readonly normalized: Values;

  constructor(backend: Backend, x: TensorSpec, eps: number) {
    const [outer, channels, ...inner] = x.shape as [number, number, ...number[]];
    const count = countOf(x.shape);
    this.copy = backend.axpby({ count });
    this.normalize = backend.batchNorm({ x, eps, scale: false, bias: false });
    this.sums = backend.scaleBias({ outer, channels, inner: countOf(inner), scale: true, bias: true });
    this.kept = new Values(backend, count);
    this.normalized = new Values(backend, count);
  }

  keep(x: Values): void {
    this.copy.run(1, x, 0, this.kept);
  }

  /** Adds to dScale and dBias; `x` undefined: the kept one. */
  run(v: {
    x?: Values;
    dy: Values;
    scale: Values;
    mean: Values;
    variance: Values;
    dScale?: Values;
    dBias?: Values;
  }): void {
    const { dy, scale, dScale, dBias, mean, variance } = v;
    this.normalize.forwardGlobal({ x: v.x ?? this.kept, y: this.normalized, mean, variance });
    this.sums.backward({ x: this.normalized, dy, scale, dScale, dBias }, { accumulate: true });
  }

  dispose(): void {
    this.kept.release();
    this.normalized.release();
  }
}
