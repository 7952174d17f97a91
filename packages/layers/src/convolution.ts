import { type ConvolutionOperation, type ConvolutionSpec, convolvedLength, type Tensor } from '@jacinto/core-tensor';
import type { Addition, Fused, Rectifier } from '@jacinto/net';
import { Phase } from '@jacinto/proto';
import { ConvolutionBase } from './support/convolution-base.ts';
import type { Window } from './support/windows.ts';

/**
 * Cross-correlation with learned kernels (Caffe: Convolution). bottom[i] N,C,H,W → top[i] N,num_output,H',W' with
 * H' = ⌊(H + 2·pad − (dilation·(kernel − 1) + 1)) / stride⌋ + 1; any number of spatial axes, which follow `axis`
 * (default 1), and any axes before it. Several bottoms share the weights and have one shape.
 *
 * Blobs: weights [num_output, C/group, kernel…] (weight_filler, default 0), bias [num_output] where bias_term (default
 * true; bias_filler, default 0). stride, dilation and group default to 1, pad to 0, which counts as zeros.
 */
export class ConvolutionLayer extends ConvolutionBase {
  static override readonly type = 'Convolution';
  private spec!: ConvolutionSpec;
  private relu: Rectifier | undefined;
  /** What is added in forward, into which blob, and how. */
  private addition: (Addition & { forward: NonNullable<ConvolutionOperation['forwardAdding']> }) | undefined;

  protected override outputLength(input: number, { kernel, stride, pad, dilation }: Window): number {
    return convolvedLength(input, kernel, stride, pad, dilation);
  }

  protected override weightChannels(): [number, number] {
    return [this.outputs, this.channels / this.param.group];
  }

  protected override prepare(bottom: readonly number[], top: readonly number[]): void {
    const { weights, ...geometry } = this.geometry();
    const dataType = 'f32';
    this.spec = {
      x: { shape: bottom, dataType },
      w: { shape: weights, dataType },
      y: { shape: top, dataType },
      ...geometry,
      bias: this.param.biasTerm,
      relu: this.relu,
      inference: this.context.phase === Phase.TEST && this.context.forceBackward !== true,
    };
    this.operation = this.backend.convolution(this.spec);
  }

  /** In TEST only: a backend's fused ReLU may make NaN 0, which would hide that a training has diverged. */
  override fuseRectifier(relu: Rectifier | undefined): Fused {
    if (this.context.phase !== Phase.TEST) return 'nothing';
    this.relu = relu;
    this.spec = { ...this.spec, relu };
    this.operation = this.backend.convolution(this.spec);
    return relu === undefined ? 'nothing' : 'forward';
  }

  /** As above in TEST only. */
  override fuseAddition(addition: Addition | undefined): boolean {
    this.addition = undefined;
    if (addition === undefined || this.context.phase !== Phase.TEST) return false;
    const { forwardAdding: forward } = this.backend.convolution({ ...this.spec, relu: addition.relu, add: true });
    if (forward !== undefined) this.addition = { ...addition, forward };
    return forward !== undefined;
  }

  override onlyRunsOperations(): boolean {
    return true;
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [weights, bias] = this.blobs as [Tensor, Tensor?];
    if (this.addition?.addend.hasShape(top[0]!.shape)) {
      const { addend, sum, forward } = this.addition;
      forward(bottom[0]!.data, weights.data, bias?.data, addend.data, sum.data);
      return;
    }
    bottom.forEach((x, i) => {
      this.operation.forward(x.data, weights.data, bias?.data, top[i]!.data);
    });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [weights, bias] = this.blobs as [Tensor, Tensor?];
    const dw = this.needsParamGradient(0) ? weights.diff : undefined;
    const db = bias !== undefined && this.needsParamGradient(1) ? bias.diff : undefined;
    bottom.forEach((x, i) => {
      const dy = top[i]!.diff;
      if (dw !== undefined || db !== undefined)
        this.operation.backwardWeights(x.data, dy, dw, db, { accumulate: true });
      if (propagateDown[i]) this.operation.backwardData(dy, weights.data, x.diff);
    });
  }
}
