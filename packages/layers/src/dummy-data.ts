import { RandomStream, type Tensor } from '@jacinto/core-tensor';
import { type Arity, createFiller, type Filler, Layer, type LayerState } from '@jacinto/net';
import type { DummyDataParameter } from '@jacinto/proto';

/**
 * Data from fillers (Caffe: DummyData): tops of the given shapes (shape, or num, channels, height and width; one for
 * all or one a top), each filled by its data_filler (none: 0; one for all; or one a top). Constants are filled once,
 * random values anew in every forward pass.
 */
export class DummyDataLayer extends Layer<DummyDataParameter> {
  static override readonly type = 'DummyData';
  static override readonly paramField = 'dummyDataParam';
  private fillers: Filler[] = [];
  private random = this.context.random;

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { min: 1 };
  }

  override setUp(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const { dataFiller } = this.param;
    if (dataFiller.length > 1 && dataFiller.length !== top.length) {
      throw this.fail(
        'data_filler',
        `is given ${dataFiller.length} times for ${top.length} tops`,
        'give none, one, or one a top',
      );
    }
    this.fillers = top.map((_, i) => createFiller(dataFiller[i] ?? dataFiller[0]));
    top.forEach((each, i) => {
      each.reshape(this.shapeOf(i, top.length));
      if (this.isConstant(i)) this.fillers[i]!.fill(each, this.random);
    });
  }

  override reshape(): void {}

  override forward(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    top.forEach((each, i) => {
      if (!this.isConstant(i)) this.fillers[i]!.fill(each, this.random);
    });
  }

  override saveState(): LayerState {
    return { ...this.random.save() };
  }

  override restoreState({ seed, stream, position }: LayerState): void {
    this.random = RandomStream.restore({ seed: Number(seed), stream: Number(stream), position: Number(position) });
  }

  private isConstant(index: number): boolean {
    return this.fillers[index]!.type.startsWith('constant');
  }

  private shapeOf(index: number, tops: number): number[] {
    const { shape, num, channels, height, width } = this.param;
    if (shape.length > 0) {
      if (num.length + channels.length + height.length + width.length > 0) {
        throw this.fail('shape', 'is given beside num, channels, height or width', 'give one of the two forms');
      }
      if (shape.length !== 1 && shape.length !== tops) {
        throw this.fail('shape', `is given ${shape.length} times for ${tops} tops`, 'give one, or one a top');
      }
      return (shape[index] ?? shape[0]!).dim.map(Number);
    }
    return Object.entries({ num, channels, height, width }).map(([field, given]) => {
      if (given.length === 0) throw this.fail('shape', 'is missing', 'give shape, or num, channels, height and width');
      if (given.length !== 1 && given.length !== tops) {
        throw this.fail(field, `is given ${given.length} times for ${tops} tops`, 'give it once, or once a top');
      }
      return given[index] ?? given[0]!;
    });
  }
}
