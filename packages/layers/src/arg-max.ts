import type { Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import { type ArgMaxParameter, has } from '@jacinto/proto';
import { whenRead } from './support/when-read.ts';

/**
 * Indices (or values) of the top_k (default 1) largest (Caffe: ArgMax), best first; of equal values the higher index
 * first. With `axis`: along it, top[0] has top_k there, holding indices, or with out_max_val the values. Without: over
 * all axes but the first, top[0] N,1,top_k, with out_max_val N,2,top_k: indices, then values. No gradient.
 */
export class ArgMaxLayer extends Layer<ArgMaxParameter> {
  static override readonly type = 'ArgMax';
  static override readonly paramField = 'argmaxParam';
  private lay!: { outer: number; length: number; inner: number };

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const { topK, outMaxVal } = this.param;
    const axis = has(this.param, 'axis') ? x.canonicalAxis(this.param.axis!) : undefined;
    this.lay =
      axis === undefined
        ? { outer: x.countRange(0, 1), length: x.countRange(1), inner: 1 }
        : { outer: x.countRange(0, axis), length: x.shape[axis]!, inner: x.countRange(axis + 1) };
    const { length } = this.lay;
    if (topK < 1 || topK > length)
      throw this.fail('top_k', `is ${topK}, but there are ${length} values`, `use 1 to ${length}`);
    if (axis !== undefined) top[0]!.reshape(x.shape.map((each, at) => (at === axis ? topK : each)));
    // Caffe keeps as many axes as the bottom has, 3 at least.
    else top[0]!.reshape([x.shape[0] ?? 1, outMaxVal ? 2 : 1, topK, ...Array<number>(Math.max(0, x.axes - 3)).fill(1)]);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead([bottom[0]!.data], (values) => this.rank(values, top[0]!.data.hostWrite()));
  }

  private rank(x: Float32Array, y: Float32Array): void {
    const { outer, length, inner } = this.lay;
    const { topK, outMaxVal } = this.param;
    const alongAxis = has(this.param, 'axis');
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const at = (c: number): number => x[(o * length + c) * inner + i]!;
        const best = Array.from({ length }, (_, c) => c)
          .sort((a, b) => at(b) - at(a) || b - a)
          .slice(0, topK);
        best.forEach((c, k) => {
          if (alongAxis) y[(o * topK + k) * inner + i] = outMaxVal ? at(c) : c;
          else y[o * topK * (outMaxVal ? 2 : 1) + k] = c;
          if (!alongAxis && outMaxVal) y[o * topK * 2 + topK + k] = at(c);
        });
      }
    }
  }
}
