import type { AxpbyOperation, Tensor, UnaryName, UnaryOperation } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import { KeptInput } from './kept-input.ts';

/** An elementwise function of one bottom, run by the backend's `unary`. Formulas: the class of each layer. */
export abstract class UnaryLayer<Param = unknown> extends Layer<Param> {
  /** The backend's function and its parameters. */
  protected abstract function(): { name: UnaryName; parameters?: Record<string, number> };
  /** Whether backward needs the input itself: in place, a copy is then kept. */
  protected readonly needsInput: boolean = false;
  private operation!: UnaryOperation;
  private copy!: AxpbyOperation;
  private readonly input = new KeptInput(this.context);

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    top[0]!.reshapeLike(x);
    const { count } = x;
    this.operation = this.backend.unary({ ...this.function(), count });
    this.copy = this.backend.axpby({ count });
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const x = bottom[0]!.data;
    const stash = this.input.place(bottom[0]!, top[0]!, this.needsInput);
    if (stash !== undefined) this.copy.run(1, x, 0, stash);
    this.operation.forward(x, top[0]!.data);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const [x, y] = [bottom[0]!, top[0]!];
    const input = this.needsInput ? this.input.read(x, y) : x.data;
    this.operation.backward(input, y.data, y.diff, x.diff);
  }

  override dispose(): void {
    super.dispose();
    this.input.dispose();
  }
}
