import { countOf, type Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { ReshapeParameter } from '@jacinto/proto';
import { shareBlob } from './support/share.ts';

/**
 * Gives the same values another shape (Caffe: Reshape). reshape_param.shape replaces num_axes axes (default −1: all the
 * rest) from `axis` (default 0; negative counts from behind the last axis) on: a dim of 0 copies the bottom's, −1 (once)
 * is inferred. The top is the same memory as the bottom.
 */
export class ReshapeLayer extends Layer<ReshapeParameter> {
  static override readonly type = 'Reshape';
  static override readonly paramField = 'reshapeParam';

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    top[0]!.reshape(this.shapeFor(x));
    shareBlob(top[0]!, x);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    shareBlob(top[0]!, bottom[0]!);
  }

  override backward(): void {} // one memory

  private shapeFor(x: Tensor): number[] {
    const { axis, numAxes } = this.param;
    const dims = (this.param.shape?.dim ?? []).map(Number);
    const start = axis >= 0 ? axis : x.axes + axis + 1;
    if (start < 0 || start > x.axes) {
      throw this.fail(
        'axis',
        `is ${axis}, but the shape ${x.shapeString()} has ${x.axes} axes`,
        `use ${-x.axes - 1} to ${x.axes}`,
      );
    }
    if (numAxes < -1 || start + numAxes > x.axes) {
      throw this.fail(
        'num_axes',
        `is ${numAxes}, but from axis ${start} on there are ${x.axes - start}`,
        `use -1 to ${x.axes - start}`,
      );
    }
    const end = numAxes === -1 ? x.axes : start + numAxes;
    const shape = [...x.shape.slice(0, start), ...dims, ...x.shape.slice(end)];
    dims.forEach((dim, i) => {
      if (dim < -1) throw this.fail('shape', `has the dim ${dim}`, 'use -1, 0 or more');
      if (dim !== 0) return;
      if (start + i >= x.axes) {
        throw this.fail('shape', `copies axis ${start + i} by a dim of 0, but bottom[0] is ${x.shapeString()}`);
      }
      shape[start + i] = x.shape[start + i]!;
    });
    const inferred = dims.flatMap((dim, i) => (dim === -1 ? [start + i] : []));
    if (inferred.length > 1) throw this.fail('shape', `has ${inferred.length} dims of -1`, 'give at most one');
    const known = countOf(shape.map((length) => (length === -1 ? 1 : length)));
    if (inferred.length === 1) {
      if (known === 0 || x.count % known !== 0) {
        throw this.fail(
          'shape',
          `leaves ${known} values an index of the inferred axis, which does not divide ${x.count}`,
        );
      }
      shape[inferred[0]!] = x.count / known;
    } else if (known !== x.count) {
      throw this.fail(
        'shape',
        `makes ${known} values of bottom[0], ${x.shapeString()}`,
        'keep the count, or use -1 for one dim',
      );
    }
    return shape;
  }
}
