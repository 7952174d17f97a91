import { type ReduceOperation, type ScaleBiasOperation, Tensor } from '@jacinto/core-tensor';
import { fill, Layer } from '@jacinto/net';
import { CaffeError, type EmbedParameter } from '@jacinto/proto';
import { refuseGradient } from './support/no-gradient.ts';
import { whenRead } from './support/when-read.ts';

/**
 * A row of a learned table for each index (Caffe: Embed): y = W[x] + b; what InnerProduct computes of one-hot vectors.
 * bottom[0] indices 0 to input_dim − 1, of any shape; top[0] that shape with num_output appended.
 * Blobs: table [input_dim, num_output] (weight_filler, default 0), bias [num_output] where bias_term (default true;
 * bias_filler, default 0). Backward: rows' gradients are summed; the indices have none.
 *
 * @throws CaffeError 'bad-data' in forward for an index out of range.
 */
export class EmbedLayer extends Layer<EmbedParameter> {
  static override readonly type = 'Embed';
  static override readonly paramField = 'embedParam';
  private addBias: ScaleBiasOperation | undefined;
  private biasGradient: ReduceOperation | undefined;

  override allowForceBackward(): boolean {
    return false;
  }

  override setUp(): void {
    const { numOutput, inputDim, biasTerm, weightFiller, biasFiller } = this.param;
    const need = (field: string, value: number | undefined, what: string): number => {
      if (value) return value;
      throw this.fail(field, value === undefined ? 'is missing' : 'is 0', `give ${what}`);
    };
    const outputs = need('num_output', numOutput, 'the number of outputs');
    const rows = need('input_dim', inputDim, 'the number of indices: they run from 0 to input_dim - 1');
    this.blobs.push(new Tensor(this.backend, [rows, outputs]));
    fill(this.blobs[0]!, weightFiller, this.context.random);
    if (!biasTerm) return;
    this.blobs.push(new Tensor(this.backend, [outputs]));
    fill(this.blobs[1]!, biasFiller, this.context.random);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const outputs = this.blobs[0]!.shape[1]!;
    top[0]!.reshape([...x.shape, outputs]);
    if (this.blobs[1] === undefined) return;
    const lay = { outer: x.count, channels: outputs, inner: 1 };
    this.addBias = this.backend.scaleBias({ ...lay, scale: false, bias: true });
    this.biasGradient = this.backend.reduce({ method: 'sum', outer: 1, axis: x.count, inner: outputs });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const [table, bias] = this.blobs as [Tensor, Tensor?];
    const y = top[0]!.data;
    return whenRead([bottom[0]!.data, table.data], (indices, rows) => {
      const [inputs, outputs] = table.shape as [number, number];
      this.check(indices!, inputs);
      const values = y.hostWrite<Float32Array>();
      indices!.forEach((index, i) => {
        values.set(rows!.subarray(index * outputs, (index + 1) * outputs), i * outputs);
      });
      this.addBias?.forward({ x: y, y, bias: bias!.data });
    });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 0, 'indices');
    const [table, bias] = this.blobs as [Tensor, Tensor?];
    const dy = top[0]!.diff;
    if (bias !== undefined && this.needsParamGradient(1)) this.biasGradient!.run(dy, bias.diff, { accumulate: true });
    if (!this.needsParamGradient(0)) return;
    return whenRead([bottom[0]!.data, dy, table.diff], (indices, gradients) => {
      const outputs = table.shape[1]!;
      const dw = table.diff.hostUpdate<Float32Array>();
      indices!.forEach((index, i) => {
        for (let j = 0; j < outputs; j++) dw[index * outputs + j]! += gradients![i * outputs + j]!;
      });
    });
  }

  private check(indices: Float32Array, inputs: number): void {
    for (const [i, index] of indices.entries()) {
      if (Number.isInteger(index) && index >= 0 && index < inputs) continue;
      throw new CaffeError({
        code: 'bad-data',
        problem: `the index ${index} (value ${i} of bottom[0]) is out of range: embed_param.input_dim is ${inputs}`,
        fix: `use whole numbers from 0 to ${inputs - 1}, or a larger input_dim`,
      });
    }
  }
}
