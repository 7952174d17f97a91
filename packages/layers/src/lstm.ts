import type { Tensor } from '@jacinto/core-tensor';
import { lstmUnitBackward, lstmUnitForward } from './support/lstm-unit.ts';
import { RecurrentBase } from './support/recurrent-base.ts';

/**
 * Long short-term memory over a sequence (Hochreiter and Schmidhuber 1997; Caffe: LSTM; Donahue et al. 2015):
 * gates i, f, o, g = W_xc·x + b_c (+ W_xc_static·x_static) + W_hc·(cont·h), c = cont·σ(f)·c + σ(i)·tanh(g),
 * h = σ(o)·tanh(c). recurrent_param.num_output is D.
 *
 * bottom[0] x T,N,…; bottom[1] cont T,N: 0 where a sequence begins, else 1; bottom[2], where given, a static input
 * N,…; top[0] h T,N,D. With expose_hidden h_0 and c_0 (1,N,D) follow the bottoms, h_T and c_T the tops; without it the
 * states go on from one forward pass to the next.
 *
 * Blobs: W_xc [4D, I], b_c [4D], W_xc_static [4D, S] where there is a static input, W_hc [4D, D].
 */
export class LSTMLayer extends RecurrentBase {
  static override readonly type = 'LSTM';
  protected override readonly gatesPerOutput = 4;
  protected override readonly stateNames = ['h', 'c'];

  protected override stepForward(t: number, gates: Float32Array, cont: Float32Array): void {
    const [cPrev, c] = this.around(1, t);
    const [, h] = this.around(0, t);
    lstmUnitForward(this.size, { cPrev, gates, cont, active: gates, c, h });
  }

  protected override stepBackward(
    t: number,
    gates: Float32Array,
    cont: Float32Array,
    [dh, dc]: readonly [Float32Array, Float32Array],
    dGates: Float32Array,
  ): void {
    const [cPrev, c] = this.around(1, t);
    lstmUnitBackward(this.size, { cPrev, active: gates, cont, c, dc, dh, dGates, dcPrev: dc });
  }

  protected override output(hidden: Float32Array, top: Tensor): void {
    top.data.hostWrite<Float32Array>().set(hidden);
  }

  protected override outputBackward(top: Tensor): Float32Array | Promise<Float32Array> {
    return top.diff.read<Float32Array>();
  }

  /** A state before and after step t. */
  private around(state: number, t: number): [Float32Array, Float32Array] {
    const length = this.size.items * this.size.outputs;
    const all = this.states[state]!;
    return [all.subarray(t * length, (t + 1) * length), all.subarray((t + 1) * length, (t + 2) * length)];
  }
}
