import { countOf, type ScaleBiasOperation, type Tensor } from '@jacinto/core-tensor';
import { ConvolutionBase } from './support/convolution-base.ts';
import type { Window } from './support/windows.ts';

/**
 * Convolution turned round, for upsampling (Caffe: Deconvolution): its forward pass is a convolution's gradient with
 * respect to the input. bottom[i] N,C,H,W → top[i] N,num_output,H',W' with
 * H' = stride·(H − 1) + dilation·(kernel − 1) + 1 − 2·pad; any number of spatial axes.
 *
 * Blobs: weights [C, num_output/group, kernel…], bias [num_output] where bias_term; parameters and defaults as in
 * Convolution. Upsampling by 2 in JacintoNet: group = C, kernel 4, stride 2, pad 1, filler "bilinear", lr_mult 0.
 */
export class DeconvolutionLayer extends ConvolutionBase {
  static override readonly type = 'Deconvolution';
  private addBias: ScaleBiasOperation | undefined;

  protected override outputLength(input: number, { kernel, stride, pad, dilation }: Window): number {
    return stride * (input - 1) + dilation * (kernel - 1) + 1 - 2 * pad;
  }

  protected override weightChannels(): [number, number] {
    return [this.channels, this.outputs / this.param.group];
  }

  protected override prepare(bottom: readonly number[], top: readonly number[]): void {
    const { weights, ...geometry } = this.geometry();
    const dataType = 'f32';
    this.operation = this.backend.convolution({
      x: { shape: top, dataType },
      w: { shape: weights, dataType },
      y: { shape: bottom, dataType },
      ...geometry,
      bias: false,
    });
    this.addBias = this.param.biasTerm
      ? this.backend.scaleBias({
          outer: top[0]!,
          channels: this.outputs,
          inner: countOf(top.slice(2)),
          scale: false,
          bias: true,
        })
      : undefined;
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [weights, bias] = this.blobs as [Tensor, Tensor?];
    bottom.forEach((x, i) => {
      const y = top[i]!.data;
      this.operation.backwardData(x.data, weights.data, y);
      if (bias !== undefined) this.addBias!.forward({ x: y, y, bias: bias.data });
    });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [weights, bias] = this.blobs as [Tensor, Tensor?];
    const accumulate = { accumulate: true };
    bottom.forEach((x, i) => {
      const dy = top[i]!.diff;
      if (this.needsParamGradient(0)) this.operation.backwardWeights(dy, x.data, weights.diff, undefined, accumulate);
      if (bias !== undefined && this.needsParamGradient(1))
        this.addBias!.backward({ dy, dBias: bias.diff }, accumulate);
      if (propagateDown[i]) this.operation.forward(dy, weights.data, undefined, x.diff);
    });
  }
}
