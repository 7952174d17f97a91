import { type Tensor, Values } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import { lstmUnitBackward, lstmUnitForward } from './support/lstm-unit.ts';
import { refuseGradient } from './support/no-gradient.ts';
import { whenRead } from './support/when-read.ts';

/**
 * The nonlinear part of one step of an LSTM (Caffe: LSTMUnit): c = cont·σ(f)·c_prev + σ(i)·tanh(g), h = σ(o)·tanh(c).
 * bottom[0] c_prev 1,N,D; bottom[1] gates 1,N,4·D in the order i, f, o, g, before the nonlinearities; bottom[2] cont
 * 1,N: 0 where a sequence begins, else 1. top[0] c and top[1] h 1,N,D. The LSTM layer does this for a whole sequence.
 */
export class LSTMUnitLayer extends Layer<undefined> {
  static override readonly type = 'LSTMUnit';
  private step = { items: 0, outputs: 0 };
  private readonly active = new Values(this.backend);

  override bottomArity(): Arity {
    return { exact: 3 };
  }

  override topArity(): Arity {
    return { exact: 2 };
  }

  override allowForceBackward(index: number): boolean {
    return index !== 2;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [cPrev, gates, cont] = bottom as [Tensor, Tensor, Tensor];
    if (cPrev.axes !== 3 || cPrev.shape[0] !== 1) {
      throw this.badShape(`bottom[0] is ${cPrev.shapeString()}`, 'give the cells of one step: 1,N,D');
    }
    const [, items, outputs] = cPrev.shape as [number, number, number];
    if (!gates.hasShape([1, items, 4 * outputs])) {
      throw this.badShape(
        `bottom[1] is ${gates.shapeString()}, but the cells (bottom[0]) are ${cPrev.shapeString()}`,
        `give the four gates of each cell: 1,${items},${4 * outputs}`,
      );
    }
    if (!cont.hasShape([1, items])) {
      throw this.badShape(`bottom[2] is ${cont.shapeString()}`, `give one value an item: 1,${items}`);
    }
    this.step = { items, outputs };
    for (const each of top) each.reshapeLike(cPrev);
    this.active.resize(gates.count);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead(
      bottom.map(({ data }) => data),
      (cPrev, gates, cont) => {
        lstmUnitForward(this.step, {
          cPrev: cPrev!,
          gates: gates!,
          cont: cont!,
          active: this.active.hostWrite(),
          c: top[0]!.data.hostWrite(),
          h: top[1]!.data.hostWrite(),
        });
      },
    );
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, 2, 'sequence marks');
    if (!propagateDown[0] && !propagateDown[1]) return;
    const [cPrev, gates, cont] = bottom as [Tensor, Tensor, Tensor];
    const [c, h] = top as [Tensor, Tensor];
    return whenRead([cPrev.data, cont.data, c.data, c.diff, h.diff], (before, marks, cells, dc, dh) => {
      lstmUnitBackward(this.step, {
        cPrev: before!,
        active: this.active.hostRead(),
        cont: marks!,
        c: cells!,
        dc: dc!,
        dh: dh!,
        dGates: propagateDown[1] ? gates.diff.hostWrite() : new Float32Array(gates.count),
        dcPrev: propagateDown[0] ? cPrev.diff.hostWrite() : new Float32Array(cPrev.count),
      });
    });
  }

  override dispose(): void {
    super.dispose();
    this.active.release();
  }
}
