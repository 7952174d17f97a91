import { countOf, type Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import { refuseGradient } from './support/no-gradient.ts';
import { whenRead } from './support/when-read.ts';

/**
 * Lets through the items whose selector is not 0 (Caffe: Filter). The last bottom is the selector, one value an item;
 * bottom[i] N,… → top[i] M,… for all others, M the number of items selected, which may be 0. Until the first forward
 * pass M is N, as in Caffe: it is known only when values are. Backward: items left out get 0.
 */
export class FilterLayer extends Layer<undefined> {
  static override readonly type = 'Filter';
  private chosen: number[] = [];
  private first = true;

  override bottomArity(): Arity {
    return { min: 2 };
  }

  override topArity(): Arity {
    return { min: 1 };
  }

  override allowForceBackward(index: number): boolean {
    return index !== this.layerParam.bottom.length - 1;
  }

  override setUp(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    if (top.length === bottom.length - 1) return;
    throw this.badShape(
      `has ${bottom.length} bottoms and ${top.length} tops`,
      'give a top for each bottom but the last, which is the selector',
    );
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const selector = bottom.at(-1)!;
    const items = selector.shape[0] ?? 1;
    if (selector.count !== items) {
      throw this.badShape(`the selector is ${selector.shapeString()}`, 'give one value an item: N or N,1,1,1');
    }
    bottom.slice(0, -1).forEach((x, i) => {
      if (x.axes === 0 || x.shape[0] !== items) {
        throw this.badShape(
          `bottom[${i}] is ${x.shapeString()}, but the selector has ${items} values`,
          'give one value an item',
        );
      }
      if (this.first) top[i]!.reshape(x.shape);
    });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    this.first = false;
    return whenRead(
      bottom.map(({ data }) => data),
      (...arrays) => {
        const selector = arrays.at(-1)!;
        this.chosen = [];
        selector.forEach((value, n) => {
          if (value !== 0) this.chosen.push(n);
        });
        top.forEach((each, i) => {
          const rest = bottom[i]!.shape.slice(1);
          const length = countOf(rest);
          each.reshape([this.chosen.length, ...rest]);
          const y = each.data.hostWrite<Float32Array>();
          this.chosen.forEach((from, to) => {
            y.set(arrays[i]!.subarray(from * length, (from + 1) * length), to * length);
          });
        });
      },
    );
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    refuseGradient(propagateDown, bottom.length - 1, 'selector');
    return whenRead(
      top.map(({ diff }) => diff),
      (...diffs) => {
        diffs.forEach((dy, i) => {
          if (!propagateDown[i]) return;
          const dx = bottom[i]!.diff.hostWrite<Float32Array>().fill(0);
          const length = countOf(bottom[i]!.shape.slice(1));
          this.chosen.forEach((to, from) => {
            dx.set(dy.subarray(from * length, (from + 1) * length), to * length);
          });
        });
      },
    );
  }
}
