import { type GemmOperation, type ReduceOperation, Tensor, Values } from '@jacinto/core-tensor';
import { type Arity, fill, Layer, type LayerState } from '@jacinto/net';
import type { RecurrentParameter } from '@jacinto/proto';
import { refuseGradient } from './no-gradient.ts';

/** Lengths of a recurrent layer: steps T, items N, values of an output D, of all its gates G = D·gates. */
export interface RecurrentSize {
  steps: number;
  items: number;
  outputs: number;
  gates: number;
}

/**
 * What RNN and LSTM have in common (Caffe: RecurrentLayer), unrolled over time by loops: the products of inputs and
 * hidden values with the weights run on the backend, each step's cells on the host.
 *
 * bottom[0] x T,N,…; bottom[1] cont T,N: 0 where a sequence begins, else 1; then, where given, a static input N,…
 * which every step sees; with expose_hidden the states before the first step, 1,N,D each. top[0] T,N,D; with
 * expose_hidden the states after the last step. Without it they go on from one forward pass to the next (cont 0 ends
 * that); gradients never do.
 *
 * Blobs: input weights [G, I], bias [G], static weights [G, S] where there is a static input, hidden weights [G, D],
 * then those of the subclass. weight_filler and bias_filler fill them (default 0).
 */
export abstract class RecurrentBase extends Layer<RecurrentParameter> {
  static override readonly paramField = 'recurrentParam';
  /** Gates a cell, and names of its states; the first is the hidden value that the next step multiplies. */
  protected abstract readonly gatesPerOutput: number;
  protected abstract readonly stateNames: readonly string[];
  protected size: RecurrentSize = { steps: 0, items: 0, outputs: 0, gates: 0 };
  /** States at the T + 1 borders of steps, one array a state. */
  protected states: Float32Array[] = [];
  private hasStatic = false;
  private inputs = 0;
  private staticInputs = 0;
  private products!: Record<'input' | 'static' | 'hidden' | 'dInput' | 'dStatic' | 'dHidden', GemmOperation>;
  private weightProducts!: Record<'input' | 'static' | 'hidden', GemmOperation>;
  private biasSum!: ReduceOperation;
  /** T,N,G: gates before and after the nonlinearities, and their gradients. */
  private readonly gates = new Values(this.backend);
  private readonly gateDiffs = new Values(this.backend);
  /** T,N,D: what the hidden weights were multiplied with. */
  private readonly hidden = new Values(this.backend);
  private readonly staticGates = new Values(this.backend);
  private readonly stepHidden = new Values(this.backend);
  private readonly stepGates = new Values(this.backend);

  /** From the gates of step t (overwritten with what backward needs) to the states after it. */
  protected abstract stepForward(t: number, gates: Float32Array, cont: Float32Array): void;
  /**
   * Overwrites `dGates` of step t. `dStates`: gradients of the states after it; all but the first (the hidden value,
   * whose gradient follows from dGates) become those of the states before it.
   */
  protected abstract stepBackward(
    t: number,
    gates: Float32Array,
    cont: Float32Array,
    dStates: readonly Float32Array[],
    dGates: Float32Array,
  ): void;
  /** Fills top[0] from the hidden values after each step (T,N,D). */
  protected abstract output(hidden: Float32Array, top: Tensor): void | Promise<void>;
  /** Gradient of the hidden values by way of top[0]; adds to the gradients of the subclass's own blobs. */
  protected abstract outputBackward(top: Tensor): Float32Array | Promise<Float32Array>;
  /** Blobs of the subclass, after the common ones. */
  protected makeOwnBlobs(): void {}
  /** Operations of the subclass for `size`. */
  protected prepare(): void {}

  override bottomArity(): Arity {
    const least = 2 + this.exposed();
    return { min: least, max: least + 1 };
  }

  override topArity(): Arity {
    return { exact: 1 + this.exposed() };
  }

  override allowForceBackward(index: number): boolean {
    return index !== 1;
  }

  override setUp(bottom: readonly Tensor[]): void {
    const { numOutput } = this.param;
    if (numOutput < 1) throw this.fail('num_output', 'is missing', 'give the number of outputs');
    this.hasStatic = bottom.length > 2 + this.exposed();
    const [x] = bottom as [Tensor];
    this.checkSequence(bottom);
    this.inputs = x.countRange(2);
    if (this.hasStatic) this.staticInputs = bottom[2]!.countRange(1);
    const gates = numOutput * this.gatesPerOutput;
    this.addBlob([gates, this.inputs], 'weight');
    this.addBlob([gates], 'bias');
    if (this.hasStatic) this.addBlob([gates, this.staticInputs], 'weight');
    this.addBlob([gates, numOutput], 'weight');
    this.makeOwnBlobs();
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    this.checkSequence(bottom);
    const [x] = bottom as [Tensor];
    const [steps, items] = x.shape as [number, number];
    const outputs = this.param.numOutput;
    const gates = outputs * this.gatesPerOutput;
    this.checkInputs(x, x.countRange(2), this.inputs, 'bottom[0]');
    if (this.hasStatic) this.checkInputs(bottom[2]!, bottom[2]!.countRange(1), this.staticInputs, 'bottom[2]');
    this.bottomStates(bottom).forEach((state, i) => {
      if (state.hasShape([1, items, outputs])) return;
      throw this.badShape(
        `bottom[${bottom.length - this.exposed() + i}] (${this.stateNames[i]}) is ${state.shapeString()}`,
        `give the states before the first step: 1,${items},${outputs}`,
      );
    });
    top[0]!.reshape([steps, items, outputs]);
    for (const state of top.slice(1)) state.reshape([1, items, outputs]);
    if (items !== this.size.items || steps !== this.size.steps) this.resizeStates(steps, items * outputs);
    this.size = { steps, items, outputs, gates };
    this.prepareProducts();
    this.prepare();
  }

  override async forward(bottom: readonly Tensor[], top: readonly Tensor[]): Promise<void> {
    const { steps, items, outputs, gates } = this.size;
    const [x, cont] = bottom as [Tensor, Tensor];
    const [weights, bias] = this.blobs as [Tensor, Tensor];
    this.products.input.run(x.data, weights.data, this.gates, { bias: bias.data });
    if (this.hasStatic) this.products.static.run(bottom[2]!.data, this.blobs[2]!.data, this.staticGates);
    const marks = await cont.data.read<Float32Array>();
    await this.gates.read();
    const all = this.gates.hostUpdate<Float32Array>();
    const fixed = this.hasStatic ? await this.staticGates.read<Float32Array>() : undefined;
    await this.beginStates(bottom);
    const [hidden] = this.states as [Float32Array];
    const kept = this.hidden.hostWrite<Float32Array>();
    for (let t = 0; t < steps; t++) {
      const mark = marks.subarray(t * items, (t + 1) * items);
      const step = this.stepHidden.hostWrite<Float32Array>();
      for (let i = 0; i < step.length; i++) {
        const goesOn = mark[Math.floor(i / outputs)]!;
        step[i] = goesOn === 0 ? 0 : goesOn * hidden[t * step.length + i]!;
      }
      kept.set(step, t * step.length);
      this.products.hidden.run(this.stepHidden, this.hiddenWeights.data, this.stepGates);
      const fromHidden = await this.stepGates.read<Float32Array>();
      const own = all.subarray(t * items * gates, (t + 1) * items * gates);
      for (let i = 0; i < own.length; i++) own[i]! += fromHidden[i]! + (fixed?.[i] ?? 0);
      this.stepForward(t, own, mark);
    }
    await this.output(hidden.subarray(items * outputs), top[0]!);
    top.slice(1).forEach((state, i) => {
      state.data.hostWrite<Float32Array>().set(this.states[i]!.subarray(steps * items * outputs));
    });
  }

  override async backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): Promise<void> {
    refuseGradient(propagateDown, 1, 'sequence marks');
    const { steps, items, outputs, gates } = this.size;
    const marks = await bottom[1]!.data.read<Float32Array>();
    const dOutput = await this.outputBackward(top[0]!);
    const dStates = this.stateNames.map(() => new Float32Array(items * outputs));
    for (const [i, state] of top.slice(1).entries()) dStates[i]!.set(await state.diff.read<Float32Array>());
    const active = await this.gates.read<Float32Array>();
    const dGates = this.gateDiffs.hostWrite<Float32Array>();
    const [dHidden] = dStates as [Float32Array];
    for (let t = steps - 1; t >= 0; t--) {
      const mark = marks.subarray(t * items, (t + 1) * items);
      const range = [t * items * gates, (t + 1) * items * gates] as const;
      for (let i = 0; i < dHidden.length; i++) dHidden[i]! += dOutput[t * dHidden.length + i]!;
      this.stepBackward(t, active.subarray(...range), mark, dStates, dGates.subarray(...range));
      this.stepGates.hostWrite<Float32Array>().set(dGates.subarray(...range));
      this.products.dHidden.run(this.stepGates, this.hiddenWeights.data, this.stepHidden);
      const back = await this.stepHidden.read<Float32Array>();
      for (let i = 0; i < back.length; i++) {
        const goesOn = mark[Math.floor(i / outputs)]!;
        dHidden[i] = goesOn === 0 ? 0 : goesOn * back[i]!;
      }
    }
    const first = bottom.length - this.exposed();
    this.bottomStates(bottom).forEach((state, i) => {
      if (propagateDown[first + i]) state.diff.hostWrite<Float32Array>().set(dStates[i]!);
    });
    this.inputGradients(propagateDown, bottom);
  }

  /** The states that go on to the next forward pass. */
  override saveState(): LayerState | undefined {
    if (this.exposed() > 0) return undefined;
    const { steps, items, outputs } = this.size;
    return Object.fromEntries(
      this.stateNames.map((name, i) => [name, [...this.states[i]!.subarray(steps * items * outputs)]]),
    );
  }

  override restoreState(saved: LayerState): void {
    const { steps, items, outputs } = this.size;
    this.stateNames.forEach((name, i) => {
      const values = saved[name];
      if (Array.isArray(values) && values.length === items * outputs) {
        this.states[i]!.set(values, steps * items * outputs);
      }
    });
  }

  override dispose(): void {
    super.dispose();
    const { gates, gateDiffs, hidden, staticGates, stepHidden, stepGates } = this;
    for (const each of [gates, gateDiffs, hidden, staticGates, stepHidden, stepGates]) each.release();
  }

  protected addBlob(shape: readonly number[], kind: 'weight' | 'bias'): void {
    const blob = new Tensor(this.backend, shape);
    fill(blob, kind === 'weight' ? this.param.weightFiller : this.param.biasFiller, this.context.random);
    this.blobs.push(blob);
  }

  private get hiddenWeights(): Tensor {
    return this.blobs[this.hasStatic ? 3 : 2]!;
  }

  private exposed(): number {
    return this.param.exposeHidden ? this.stateNames.length : 0;
  }

  private bottomStates(bottom: readonly Tensor[]): readonly Tensor[] {
    return this.exposed() === 0 ? [] : bottom.slice(-this.exposed());
  }

  private checkSequence(bottom: readonly Tensor[]): void {
    const [x, cont, fixed] = bottom as [Tensor, Tensor, Tensor?];
    if (x.axes < 2) throw this.badShape(`bottom[0] is ${x.shapeString()}`, 'give it steps and items first: T,N,…');
    const [steps, items] = x.shape as [number, number];
    if (!cont.hasShape([steps, items])) {
      throw this.badShape(
        `bottom[1] is ${cont.shapeString()}, bottom[0] is ${x.shapeString()}`,
        `give one mark a step and item: ${steps},${items}`,
      );
    }
    if (this.hasStatic && fixed!.shape[0] !== items) {
      throw this.badShape(
        `bottom[2] (the static input) is ${fixed!.shapeString()}, but there are ${items} items`,
        'give it N,…',
      );
    }
  }

  private checkInputs(x: Tensor, count: number, expected: number, what: string): void {
    if (count === expected) return;
    throw this.badShape(
      `${what} is ${x.shapeString()}: ${count} values a step and item, but the weights take ${expected}`,
    );
  }

  private resizeStates(steps: number, length: number): void {
    const { steps: before, items, outputs } = this.size;
    this.states = this.stateNames.map((_, i) => {
      const state = new Float32Array((steps + 1) * length);
      // Another number of steps: the sequences go on. Another number of items: they are others.
      if (items * outputs === length) state.set(this.states[i]!.subarray(before * length), steps * length);
      return state;
    });
  }

  private prepareProducts(): void {
    const { steps, items, outputs, gates } = this.size;
    const { inputs, staticInputs, backend } = this;
    const all = steps * items;
    const forward = (m: number, k: number, bias?: 'row'): GemmOperation =>
      backend.gemm({ m, n: gates, k, transB: true, ...(bias && { bias }) });
    const back = (m: number, n: number): GemmOperation => backend.gemm({ m, n, k: gates });
    const weights = (n: number, k: number): GemmOperation => backend.gemm({ m: gates, n, k, transA: true });
    this.products = {
      input: forward(all, inputs, 'row'),
      static: forward(items, staticInputs),
      hidden: forward(items, outputs),
      dInput: back(all, inputs),
      dStatic: back(items, staticInputs),
      dHidden: back(items, outputs),
    };
    this.weightProducts = {
      input: weights(inputs, all),
      static: weights(staticInputs, items),
      hidden: weights(outputs, all),
    };
    this.biasSum = backend.reduce({ method: 'sum', outer: 1, axis: all, inner: gates });
    for (const each of [this.gates, this.gateDiffs]) each.resize(all * gates);
    this.hidden.resize(all * outputs);
    this.stepHidden.resize(items * outputs);
    for (const each of [this.stepGates, this.staticGates]) each.resize(items * gates);
  }

  /** The states before the first step: those given, or those after the last step of the pass before. */
  private async beginStates(bottom: readonly Tensor[]): Promise<void> {
    const given = this.bottomStates(bottom);
    const { steps, items, outputs } = this.size;
    for (const [i, state] of this.states.entries()) {
      const from = given[i];
      if (from === undefined) state.copyWithin(0, steps * items * outputs);
      else state.set(await from.data.read<Float32Array>());
    }
  }

  /** From the gradients of the gates to those of weights and inputs. */
  private inputGradients(propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const { gateDiffs, weightProducts, products } = this;
    const [x] = bottom as [Tensor];
    const [weights, bias] = this.blobs as [Tensor, Tensor];
    const add = { beta: 1 };
    if (this.needsParamGradient(0)) weightProducts.input.run(gateDiffs, x.data, weights.diff, add);
    if (this.needsParamGradient(1)) this.biasSum.run(gateDiffs, bias.diff, { accumulate: true });
    if (this.needsParamGradient(this.hasStatic ? 3 : 2)) {
      weightProducts.hidden.run(gateDiffs, this.hidden, this.hiddenWeights.diff, add);
    }
    if (propagateDown[0]) products.dInput.run(gateDiffs, weights.data, x.diff);
    if (!this.hasStatic) return;
    const all = gateDiffs.hostRead();
    const sums = this.stepGates.hostWrite<Float32Array>().fill(0);
    for (let i = 0; i < all.length; i++) sums[i % sums.length]! += all[i]!;
    if (this.needsParamGradient(2)) {
      weightProducts.static.run(this.stepGates, bottom[2]!.data, this.blobs[2]!.diff, add);
    }
    if (propagateDown[2]) products.dStatic.run(this.stepGates, this.blobs[2]!.data, bottom[2]!.diff);
  }
}
