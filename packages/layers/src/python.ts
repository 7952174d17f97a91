import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, checkArity, Layer, type LayerState } from '@jacinto/net';
import type { PythonParameter } from '@jacinto/proto';
import { loadClass } from './support/load-class.ts';

/**
 * A layer of the user's own (Caffe: Python), written in JavaScript: python_param.module names the module (a file beside
 * the prototxt, or a package), python_param.layer the class in it, a subclass of Layer. With
 * `static paramField = 'pythonParam'` the class finds python_param.param_str as `this.param.paramStr`.
 * share_in_parallel has no meaning here. Unlike Caffe's, such a layer may have learned blobs.
 *
 * @throws CaffeError 'missing', 'bad-file' or 'unknown-name' in setUp, where module or class cannot be had.
 */
export class PythonLayer extends Layer<PythonParameter> {
  static override readonly type = 'Python';
  static override readonly paramField = 'pythonParam';
  private own: Layer | undefined;

  override bottomArity(): Arity {
    return {};
  }

  override topArity(): Arity {
    return {};
  }

  override allowForceBackward(index: number): boolean {
    return this.own?.allowForceBackward(index) ?? true;
  }

  override defaultLossWeight(index: number): number {
    return this.own?.defaultLossWeight(index) ?? 0;
  }

  override forcedLrMult(index: number): number | undefined {
    return this.own?.forcedLrMult(index);
  }

  override async setUp(bottom: readonly Tensor[], top: readonly Tensor[]): Promise<void> {
    const { module, layer } = this.param;
    if (!module) throw this.fail('module', 'is missing', 'name a JavaScript module');
    if (!layer) throw this.fail('layer', 'is missing', `name a class that ${module} exports`);
    const OwnClass = await loadClass(module, layer, (path) => this.context.resolvePath(path));
    this.own = new OwnClass(this.layerParam, this.context) as Layer;
    checkArity(this.own, bottom.length, top.length);
    await this.own.setUp(bottom, top);
    this.blobs.push(...this.own.blobs);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    this.own!.reshape(bottom, top);
  }

  override reshapesEachForward(): boolean {
    return this.own?.reshapesEachForward() ?? false;
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return this.own!.forward(bottom, top);
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    const own = this.own!;
    own.paramPropagateDown.splice(0, own.paramPropagateDown.length, ...this.paramPropagateDown);
    return own.backward(top, propagateDown, bottom);
  }

  override saveState(): LayerState | undefined {
    return this.own?.saveState();
  }

  override restoreState(state: LayerState): void {
    this.own?.restoreState(state);
  }

  override dispose(): void | Promise<void> {
    return this.own?.dispose();
  }
}
