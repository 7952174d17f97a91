import { type AxpbyOperation, type CopyOperation, Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import { create, type LayerParameter, type SPPParameter } from '@jacinto/proto';
import { PoolingLayer } from './pooling.ts';

interface Level {
  pooling: PoolingLayer;
  pooled: Tensor;
}

/** Where a level lies in the top. */
interface Part {
  offset: number;
  join: CopyOperation;
  cut: CopyOperation;
}

/** The pooling of one level on one axis: 2^level bins of equal length, centred. */
export function levelWindow(length: number, level: number): { kernel: number; stride: number; pad: number } {
  const bins = 2 ** level;
  const kernel = Math.ceil(length / bins);
  return { kernel, stride: kernel, pad: Math.floor((kernel * bins - length + 1) / 2) };
}

/**
 * Spatial pyramid pooling (He et al. 2014; Caffe: SPP): images of any size give vectors of one size. Level l of
 * pyramid_height pools to 2^l × 2^l bins; bottom[0] N,C,H,W → top[0] N,C·Σ4^l, level after level. pool: MAX (default),
 * AVE or STOCHASTIC. A bin is ⌈H/2^l⌉ long; an image too small for its bins is an error, as in Caffe.
 */
export class SPPLayer extends Layer<SPPParameter> {
  static override readonly type = 'SPP';
  static override readonly paramField = 'sppParam';
  private levels: Level[] = [];
  private parts: Part[] = [];
  private size: readonly number[] = [];
  private add!: AxpbyOperation;
  /** The gradient that one level gives. */
  private readonly share = new Tensor(this.backend);

  override setUp(): void {
    const { pyramidHeight } = this.param;
    if (!pyramidHeight) {
      const problem = pyramidHeight === undefined ? 'is missing' : 'is 0';
      throw this.fail('pyramid_height', problem, 'give the number of levels, 1 or more');
    }
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    if (x.axes !== 4) throw this.badShape(`bottom[0] is ${x.shapeString()}`, 'SPP needs 4 axes: N, C, H, W');
    const [n, c] = x.shape4();
    const height = this.param.pyramidHeight!;
    const total = Array.from({ length: height }, (_, level) => c * 4 ** level).reduce((sum, count) => sum + count, 0);
    if (this.size.join() !== x.shape.slice(2).join()) {
      this.disposeLevels();
      this.levels = Array.from({ length: height }, (_, level) => this.makeLevel(x, level));
      this.size = x.shape.slice(2);
    }
    let offset = 0;
    this.parts = this.levels.map(({ pooling, pooled }, level) => {
      pooling.reshape([x], [pooled]);
      const length = c * 4 ** level;
      const part = {
        offset,
        join: this.backend.copy({ outer: n, length, xStride: length, yStride: total }),
        cut: this.backend.copy({ outer: n, length, xStride: total, yStride: length }),
      };
      offset += length;
      return part;
    });
    this.share.reshapeLike(x);
    this.add = this.backend.axpby({ count: x.count });
    top[0]!.reshape([n, total]);
  }

  override async forward(bottom: readonly Tensor[], top: readonly Tensor[]): Promise<void> {
    for (const [level, { pooling, pooled }] of this.levels.entries()) {
      await pooling.forward(bottom, [pooled]);
      const { join, offset } = this.parts[level]!;
      join.run(pooled.data, top[0]!.data, { yOffset: offset });
    }
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const [x] = bottom as [Tensor];
    for (const [level, { pooling, pooled }] of this.levels.entries()) {
      const { cut, offset } = this.parts[level]!;
      cut.run(top[0]!.diff, pooled.diff, { xOffset: offset });
      pooling.backward([pooled], [true], [level === 0 ? x : this.share]);
      if (level > 0) this.add.run(1, this.share.diff, 1, x.diff);
    }
  }

  override dispose(): void {
    super.dispose();
    this.disposeLevels();
    this.share.dispose();
  }

  private makeLevel(x: Tensor, level: number): Level {
    const [h, w] = [levelWindow(x.shape[2]!, level), levelWindow(x.shape[3]!, level)];
    for (const [axis, { kernel, pad }] of [h, w].entries()) {
      if (kernel > 0 && pad < kernel) continue;
      throw this.badShape(
        `bottom[0] is ${x.shapeString()}: axis ${axis + 2} is too short for the ${2 ** level} bins of level ${level}`,
        'use a smaller pyramid_height or larger images',
      );
    }
    const layerParam: LayerParameter = create('LayerParameter', {
      name: this.name,
      poolingParam: create('PoolingParameter', {
        pool: this.param.pool,
        kernelH: h.kernel,
        kernelW: w.kernel,
        strideH: h.stride,
        strideW: w.stride,
        padH: h.pad,
        padW: w.pad,
      }),
    });
    const pooling = new PoolingLayer(layerParam, this.context);
    pooling.setUp();
    return { pooling, pooled: new Tensor(this.backend) };
  }

  private disposeLevels(): void {
    for (const { pooling, pooled } of this.levels) {
      pooling.dispose();
      pooled.dispose();
    }
    this.levels = [];
  }
}
