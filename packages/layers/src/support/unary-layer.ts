import { type AxpbyOperation, type Tensor, type UnaryName, type UnaryOperation, Values } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import { keepsInput } from './keeps-input.ts';
import { isInPlace } from './share.ts';

/** An elementwise function of one bottom, run by the backend's `unary`. Formulas: the class of each layer. */
export abstract class UnaryLayer<Param = unknown> extends Layer<Param> {
  /** The backend's function and its parameters. */
  protected abstract function(): { name: UnaryName; parameters?: Record<string, number> };
  /** Whether backward needs the input itself: in place, a copy is then kept. */
  protected readonly needsInput: boolean = false;
  private operation!: UnaryOperation;
  private copy: AxpbyOperation | undefined;
  private readonly stash = new Values(this.backend);

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    top[0]!.reshapeLike(x);
    const { count } = x;
    this.operation = this.backend.unary({ ...this.function(), count });
    const keeps = this.needsInput && isInPlace(x, top[0]!) && keepsInput(this.context);
    this.copy = keeps ? this.backend.axpby({ count }) : undefined;
    if (keeps) this.stash.resize(count);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const x = bottom[0]!.data;
    this.copy?.run(1, x, 0, this.stash);
    this.operation.forward(x, top[0]!.data);
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (!propagateDown[0]) return;
    const [x, y] = [bottom[0]!, top[0]!];
    this.operation.backward(this.copy === undefined ? x.data : this.stash, y.data, y.diff, x.diff);
  }

  override dispose(): void {
    super.dispose();
    this.stash.release();
  }
}
