import {
  type GemmOperation,
  type ReduceOperation,
  type Tensor,
  type UnaryOperation,
  Values,
} from '@jacinto/core-tensor';
import { RecurrentBase } from './support/recurrent-base.ts';

/**
 * Simple recurrent network over a sequence (Caffe: RNN): h = tanh(W_hh·(cont·h) + W_xh·x + b_h (+ W_xh_static·x_static)),
 * o = tanh(W_ho·h + b_o). recurrent_param.num_output is D.
 *
 * bottom[0] x T,N,…; bottom[1] cont T,N: 0 where a sequence begins, else 1; bottom[2], where given, a static input
 * N,…; top[0] o T,N,D. With expose_hidden h_0 (1,N,D) follows the bottoms and h_T the top; without it h goes on from
 * one forward pass to the next.
 *
 * Blobs: W_xh [D, I], b_h [D], W_xh_static [D, S] where there is a static input, W_hh [D, D], W_ho [D, D], b_o [D].
 */
export class RNNLayer extends RecurrentBase {
  static override readonly type = 'RNN';
  protected override readonly gatesPerOutput = 1;
  protected override readonly stateNames = ['h'];
  private product!: GemmOperation;
  private back!: GemmOperation;
  private weightProduct!: GemmOperation;
  private outputBiasSum!: ReduceOperation;
  private tanh!: UnaryOperation;
  /** h after each step, and gradients: T,N,D. */
  private readonly after = new Values(this.backend);
  private readonly dSums = new Values(this.backend);
  private readonly dAfter = new Values(this.backend);

  protected override makeOwnBlobs(): void {
    const { numOutput } = this.param;
    this.addBlob([numOutput, numOutput], 'weight');
    this.addBlob([numOutput], 'bias');
  }

  protected override prepare(): void {
    const { steps, items, outputs } = this.size;
    const m = steps * items;
    const { backend } = this;
    this.product = backend.gemm({ m, n: outputs, k: outputs, transB: true, bias: 'row' });
    this.back = backend.gemm({ m, n: outputs, k: outputs });
    this.weightProduct = backend.gemm({ m: outputs, n: outputs, k: m, transA: true });
    this.outputBiasSum = backend.reduce({ method: 'sum', outer: 1, axis: m, inner: outputs });
    this.tanh = backend.unary({ name: 'tanh', count: m * outputs });
    for (const each of [this.after, this.dSums, this.dAfter]) each.resize(m * outputs);
  }

  protected override stepForward(t: number, gates: Float32Array): void {
    const h = this.states[0]!.subarray((t + 1) * gates.length, (t + 2) * gates.length);
    for (let i = 0; i < h.length; i++) h[i] = Math.tanh(gates[i]!);
    gates.set(h);
  }

  protected override stepBackward(
    _t: number,
    h: Float32Array,
    _cont: Float32Array,
    [dh]: readonly [Float32Array],
    dGates: Float32Array,
  ): void {
    for (let i = 0; i < h.length; i++) dGates[i] = dh[i]! * (1 - h[i]! * h[i]!);
  }

  protected override output(hidden: Float32Array, top: Tensor): void {
    this.after.hostWrite<Float32Array>().set(hidden);
    const [weights, bias] = this.blobs.slice(-2) as [Tensor, Tensor];
    this.product.run(this.after, weights.data, top.data, { bias: bias.data });
    this.tanh.forward(top.data, top.data);
  }

  protected override outputBackward(top: Tensor): Float32Array | Promise<Float32Array> {
    const [weights, bias] = this.blobs.slice(-2) as [Tensor, Tensor];
    const { dSums, after } = this;
    const count = this.blobs.length;
    this.tanh.backward(top.data, top.data, top.diff, dSums);
    if (this.needsParamGradient(count - 2)) this.weightProduct.run(dSums, after, weights.diff, { beta: 1 });
    if (this.needsParamGradient(count - 1)) this.outputBiasSum.run(dSums, bias.diff, { accumulate: true });
    this.back.run(dSums, weights.data, this.dAfter);
    return this.dAfter.read<Float32Array>();
  }

  override dispose(): void {
    super.dispose();
    for (const each of [this.after, this.dSums, this.dAfter]) each.release();
  }
}
