import type { CopyOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import type { SliceParameter } from '@jacinto/proto';
import { joinedAxis } from './support/joined-axis.ts';
import { shareBlob } from './support/share.ts';

interface Part {
  forward: CopyOperation;
  backward: CopyOperation;
  offset: number;
}

/**
 * Cuts a bottom into tops along an axis (Caffe: Slice). axis default 1 (formerly slice_dim); slice_point gives where
 * tops 1, 2, … begin; without it the tops are equal parts. One top: it is the same memory.
 */
export class SliceLayer extends Layer<SliceParameter> {
  static override readonly type = 'Slice';
  static override readonly paramField = 'sliceParam';
  private parts: Part[] = [];

  override topArity(): Arity {
    return { min: 1 };
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const old = { field: 'slice_dim', camelName: 'sliceDim', value: this.param.sliceDim };
    const axis = joinedAxis(x, this.param, old, (...facts) => this.fail(...facts));
    const length = x.shape[axis]!;
    const bounds = this.bounds(length, top.length, axis);
    top.forEach((y, i) => {
      y.reshape(x.shape.map((each, at) => (at === axis ? bounds[i + 1]! - bounds[i]! : each)));
    });
    if (top.length === 1) {
      shareBlob(top[0]!, x);
      return;
    }
    const outer = x.countRange(0, axis);
    const inner = x.countRange(axis + 1);
    this.parts = top.map((_, i) => {
      const run = (bounds[i + 1]! - bounds[i]!) * inner;
      return {
        forward: this.backend.copy({ outer, length: run, xStride: length * inner, yStride: run }),
        backward: this.backend.copy({ outer, length: run, xStride: run, yStride: length * inner }),
        offset: bounds[i]! * inner,
      };
    });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    if (top.length === 1) {
      shareBlob(top[0]!, x);
      return;
    }
    top.forEach((y, i) => {
      const { forward, offset } = this.parts[i]!;
      forward.run(x.data, y.data, { xOffset: offset });
    });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0] || top.length === 1) return;
    top.forEach((y, i) => {
      const { backward, offset } = this.parts[i]!;
      backward.run(y.diff, bottom[0]!.diff, { yOffset: offset });
    });
  }

  /** Where each top begins and the last ends. */
  private bounds(length: number, tops: number, axis: number): number[] {
    const { slicePoint } = this.param;
    if (slicePoint.length === 0) {
      if (length % tops !== 0) {
        throw this.badShape(
          `axis ${axis} is ${length} long, which ${tops} tops cannot share equally`,
          'give slice_point',
        );
      }
      return Array.from({ length: tops + 1 }, (_, i) => (i * length) / tops);
    }
    if (slicePoint.length !== tops - 1) {
      throw this.fail(
        'slice_point',
        `is given ${slicePoint.length} times for ${tops} tops`,
        `give it ${tops - 1} times, or not at all`,
      );
    }
    const bounds = [0, ...slicePoint, length];
    for (let i = 1; i < bounds.length; i++) {
      if (bounds[i]! > bounds[i - 1]!) continue;
      const [point, before] = i === tops ? [bounds[i - 1]!, length] : [bounds[i]!, bounds[i - 1]!];
      throw i === tops
        ? this.fail('slice_point', `is ${point}, but axis ${axis} is ${before} long`, `use 1 to ${before - 1}`)
        : this.fail('slice_point', `is ${point}, not beyond ${before} before it`, 'give rising points greater than 0');
    }
    return bounds;
  }
}
