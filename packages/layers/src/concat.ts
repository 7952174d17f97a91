import type { CopyOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import type { ConcatParameter } from '@jacinto/proto';
import { joinedAxis } from './support/joined-axis.ts';
import { shareBlob } from './support/share.ts';

interface Part {
  forward: CopyOperation;
  backward: CopyOperation;
  offset: number;
}

/**
 * Joins bottoms along an axis (Caffe: Concat); all other axes must be equal. axis default 1 (formerly concat_dim).
 * One bottom: the top is the same memory.
 */
export class ConcatLayer extends Layer<ConcatParameter> {
  static override readonly type = 'Concat';
  static override readonly paramField = 'concatParam';
  private parts: Part[] = [];

  override bottomArity(): Arity {
    return { min: 1 };
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [first] = bottom as [Tensor];
    const [y] = top as [Tensor];
    const old = { field: 'concat_dim', camelName: 'concatDim', value: this.param.concatDim };
    const axis = joinedAxis(first, this.param, old, (...facts) => this.fail(...facts));
    let length = 0;
    bottom.forEach((x, i) => {
      if (x.axes !== first.axes || x.shape.some((each, at) => at !== axis && each !== first.shape[at])) {
        throw this.badShape(
          `bottom[${i}] is ${x.shapeString()}, bottom[0] is ${first.shapeString()}`,
          `all axes but axis ${axis} must be equal`,
        );
      }
      length += x.shape[axis]!;
    });
    y.reshape(first.shape.map((each, at) => (at === axis ? length : each)));
    if (bottom.length === 1) {
      shareBlob(y, first);
      return;
    }
    const outer = first.countRange(0, axis);
    const inner = first.countRange(axis + 1);
    let offset = 0;
    this.parts = bottom.map((x) => {
      const run = x.shape[axis]! * inner;
      const part = {
        forward: this.backend.copy({ outer, length: run, xStride: run, yStride: length * inner }),
        backward: this.backend.copy({ outer, length: run, xStride: length * inner, yStride: run }),
        offset,
      };
      offset += run;
      return part;
    });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [y] = top as [Tensor];
    if (bottom.length === 1) {
      shareBlob(y, bottom[0]!);
      return;
    }
    bottom.forEach((x, i) => {
      const { forward, offset } = this.parts[i]!;
      forward.run(x.data, y.data, { yOffset: offset });
    });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (bottom.length === 1) return;
    bottom.forEach((x, i) => {
      const { backward, offset } = this.parts[i]!;
      if (propagateDown[i]) backward.run(top[0]!.diff, x.diff, { xOffset: offset });
    });
  }
}
