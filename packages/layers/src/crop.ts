import type { CopyOperation, FillOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import type { CropParameter } from '@jacinto/proto';
import { type CropRun, cropRuns } from './support/crop-runs.ts';

/**
 * Cuts bottom[0] to the lengths of bottom[1] on the axes from `axis` (default 2) on (Caffe: Crop). `offset` says where
 * to begin: none (0), one for all those axes, or one an axis. Only bottom[0] gets a gradient, 0 outside the cut.
 */
export class CropLayer extends Layer<CropParameter> {
  static override readonly type = 'Crop';
  static override readonly paramField = 'cropParam';
  private runs: CropRun[] = [];
  private cut!: CopyOperation;
  private paste!: CopyOperation;
  private zero!: FillOperation;

  override bottomArity(): Arity {
    return { exact: 2 };
  }

  override allowForceBackward(index: number): boolean {
    return index === 0;
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x, like] = bottom as [Tensor, Tensor];
    const axis = x.canonicalAxis(this.param.axis);
    const { offset } = this.param;
    const cropped = x.axes - axis;
    if (offset.length > 1 && offset.length !== cropped) {
      throw this.fail('offset', `is given ${offset.length} times for ${cropped} axes`, `give none, one, or ${cropped}`);
    }
    if (like.axes !== x.axes) {
      throw this.badShape(
        `bottom[0] is ${x.shapeString()}, bottom[1] is ${like.shapeString()}`,
        'they must have equally many axes',
      );
    }
    const begins = x.shape.map((_, at) => (at < axis ? 0 : (offset[at - axis] ?? offset[0] ?? 0)));
    const shape = x.shape.map((length, at) => (at < axis ? length : like.shape[at]!));
    begins.forEach((begin, at) => {
      const [from, wanted] = [x.shape[at]!, shape[at]!];
      if (begin + wanted <= from) return;
      if (wanted > from) throw this.badShape(`axis ${at} of bottom[1] is ${wanted} long, bottom[0]'s only ${from}`);
      throw this.fail(
        'offset',
        `is ${begin} on axis ${at}, beyond which ${wanted} of ${from} do not fit`,
        `use 0 to ${from - wanted}`,
      );
    });
    top[0]!.reshape(shape);
    const { outer, length, xStride, runs } = cropRuns(x.shape, shape, begins);
    this.runs = runs;
    this.cut = this.backend.copy({ outer, length, xStride, yStride: length });
    this.paste = this.backend.copy({ outer, length, xStride: length, yStride: xStride });
    this.zero = this.backend.fill({ count: x.count });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    for (const { whole, part } of this.runs)
      this.cut.run(bottom[0]!.data, top[0]!.data, { xOffset: whole, yOffset: part });
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const dx = bottom[0]!.diff;
    this.zero.run(0, dx);
    for (const { whole, part } of this.runs) this.paste.run(top[0]!.diff, dx, { xOffset: part, yOffset: whole });
  }
}
