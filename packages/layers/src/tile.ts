import type { CopyOperation, Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { TileParameter } from '@jacinto/proto';

/** Repeats a bottom `tiles` times along `axis` (default 1) (Caffe: Tile). Backward: dx = Σ dy over the repetitions. */
export class TileLayer extends Layer<TileParameter> {
  static override readonly type = 'Tile';
  static override readonly paramField = 'tileParam';
  private length = 0;
  private spread!: CopyOperation;
  private gather!: CopyOperation;

  override setUp(): void {
    const { tiles } = this.param;
    if (tiles === undefined || tiles < 1) {
      throw this.fail('tiles', tiles === undefined ? 'is missing' : `is ${tiles}`, 'give 1 or more');
    }
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const axis = x.canonicalAxis(this.param.axis);
    const tiles = this.param.tiles!;
    top[0]!.reshape(x.shape.map((each, at) => (at === axis ? each * tiles : each)));
    const outer = x.countRange(0, axis);
    this.length = x.countRange(axis);
    const { length } = this;
    this.spread = this.backend.copy({ outer, length, xStride: length, yStride: length * tiles });
    this.gather = this.backend.copy({ outer, length, xStride: length * tiles, yStride: length });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    for (let t = 0; t < this.param.tiles!; t++) {
      this.spread.run(bottom[0]!.data, top[0]!.data, { yOffset: t * this.length });
    }
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    for (let t = 0; t < this.param.tiles!; t++) {
      this.gather.run(top[0]!.diff, bottom[0]!.diff, { xOffset: t * this.length, accumulate: t > 0 });
    }
  }
}
