import type { CodeRange, Int8Operations, Tensor } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import { codeLimits } from '../bitwidth.ts';
import { hasWeights } from '../layer-types.ts';
import type { QuantizableLayer, QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';
import type { Rounding } from '../trim.ts';
import { CodeNode } from './code-node.ts';
import { exactOf, type IntegerComparison } from './compare.ts';
import { exactAt } from './exact-at.ts';
import { type FastForm, type FastOperation, fastForm, type Planning } from './fast-form.ts';
import {
  checkRounded,
  codesFrom,
  formatsOf,
  type IntegerReport,
  isLastOf,
  isWide,
  Overwritten,
  reportOf,
  roundedOf,
  topsOf,
} from './layer-values.ts';
import { PlanMaker, unplanned } from './plan-maker.ts';
import { type CodeFormat, requantize } from './requantize.ts';
import { type Codes, fixedPoint, type Value } from './value.ts';

export interface IntegerNetOptions {
  /** As the simulation rounds; default 'gpu'. */
  rounding?: Rounding;
  /** Kernels to use; default those of the net's backend. null: plain loops only. */
  int8?: Int8Operations | null;
}

/** What a tensor holds at some place of the net: as a plan sees it, and its values when asked. */
interface Held {
  planned: Value;
  real: () => Value;
}

interface Step {
  layer: QuantizableLayer;
  node: CodeNode;
  format: CodeFormat;
  tensor: Tensor;
  /** The value at a place before it is rounded, as the plain loops have it. */
  exact: (i: number) => number | undefined;
  isLast: boolean;
  slow: () => Codes;
  fast: FastForm | undefined;
  operation: FastOperation | undefined;
}

/** A value that is read from the net. */
interface Input {
  node: CodeNode;
  read: () => Codes;
  /** Takes the values; whether they are still of the kind that the plan was made for. */
  take: () => boolean;
}

/**
 * A quantized net by whole numbers only, as a device runs it: codes of 8 bits (up to 16), sums of 32, multipliers and
 * shifts. It is planned once, from a net that was simulated (its ranges known, its weights rounded), and then runs on
 * kernels of the backend; layers that have none, or for which they would not be exact, are computed by the same plain
 * loops as in `compareWithIntegers`, which it equals bit for bit.
 */
export class IntegerNet {
  private readonly net: QuantizableNet;
  private readonly quantizer: Quantizer;
  private readonly rounding: Rounding;
  private readonly int8: Int8Operations | undefined;
  private steps: Step[] = [];
  private nodes = new Map<Float64Array, CodeNode>();
  private inputs: Input[] = [];
  private floatLayers: string[] = [];
  private wide = new Set<string>();
  private formats = '';
  private pass = 0;
  private readonly weights = new Map<object, Codes>();

  /** @throws CaffeError 'usage' before the pass after the one that rounded the weights. */
  constructor(net: QuantizableNet, quantizer: Quantizer, { rounding = 'gpu', int8 }: IntegerNetOptions = {}) {
    checkRounded(quantizer);
    this.net = net;
    this.quantizer = quantizer;
    this.rounding = rounding;
    this.int8 =
      int8 === null ? undefined : (int8 ?? net.layers.find(({ tops }) => tops.length > 0)?.tops[0]?.backend.int8);
    this.plan();
  }

  /** Layers whose quantized output is computed by plain loops. */
  get slowLayers(): string[] {
    return this.steps.flatMap(({ layer, operation }) => (operation === undefined ? [layer.name] : []));
  }

  /** Computes the net from what its data layers hold, whose values must be there. */
  forward(): void {
    this.run();
  }

  /** Codes of a layer's first quantized output, by the last pass. @throws CaffeError 'unknown-name' where there is none. */
  codes(layer: string): Codes {
    const step = this.steps.find((each) => each.layer.name === layer);
    if (step !== undefined) return step.node.codes;
    throw new CaffeError({ code: 'unknown-name', layer, problem: 'has no quantized output' });
  }

  /** As `compareWithIntegers` after a pass of the simulated net. */
  compare({ isolated = true }: { isolated?: boolean } = {}): IntegerComparison {
    const outputs: IntegerReport[] = [];
    const codes = new Map<string, Codes>();
    this.run(({ layer, node, format, tensor, isLast, exact }) => {
      codes.set(layer.name, node.codes);
      if (!isLast) return;
      const theirs = codesFrom(tensor.data.hostRead(), tensor.shape, format);
      outputs.push(reportOf(layer, node.codes, theirs, format, exact));
      if (isolated) node.set(theirs);
    });
    return { outputs, floatLayers: this.floatLayers, wideLayers: [...this.wide], codes };
  }

  /** Frees the kernels' memory. */
  dispose(): void {
    for (const node of this.nodes.values()) node.release();
    this.nodes.clear();
    this.steps = [];
  }

  private run(after?: (step: Step) => void): void {
    // ranges move from pass to pass as long as the simulation updates them
    if (this.formats !== this.formatsNow() || !this.take()) {
      this.plan();
      this.take();
    }
    this.pass++;
    for (const step of this.steps) {
      if (step.operation === undefined) step.node.set(step.slow());
      else {
        for (const input of step.fast!.inputs) input.toMemory();
        step.operation.run();
        step.node.setInMemory();
      }
      after?.(step);
    }
  }

  private take(): boolean {
    for (const { node, read } of this.inputs) node.setSource(read);
    return this.inputs.every(({ take }) => take());
  }

  private formatsNow(): string {
    return JSON.stringify(this.net.layers.map((layer) => formatsOf(layer, this.quantizer, this.rounding)));
  }

  /** Walks the net, and prepares the kernels, or gives those of the last plan their new multipliers. */
  private plan(): void {
    const earlier = { steps: this.steps, nodes: [...this.nodes.values()] };
    this.steps = [];
    this.nodes = new Map();
    this.formats = this.formatsNow();
    const { net, quantizer, rounding, int8 } = this;
    this.inputs = [];
    this.floatLayers = [];
    this.wide = new Set();
    const maker = new PlanMaker(this.weights);
    const planning: Planning | undefined =
      int8 === undefined ? undefined : { int8, sources: maker.sources, nodes: this.nodes };
    const values = new Map<unknown, Held>();
    const overwritten = new Overwritten();
    for (const layer of net.layers) {
      const formats = formatsOf(layer, quantizer, rounding);
      const rounded = roundedOf(quantizer, layer);
      const bottoms = layer.bottoms.map((bottom) => values.get(bottom)!);
      const planned = overwritten.reads(layer)
        ? undefined
        : topsOf(
            layer,
            bottoms.map((bottom) => bottom.planned),
            rounded,
            formats,
            maker,
          );
      if (planned === undefined && bottoms.length > 0) this.floatLayers.push(layer.name);
      const tops = this.remembered(() => {
        const found = topsOf(
          layer,
          bottoms.map(({ real }) => real()),
          rounded,
          formats,
        );
        if (hasWeights(layer.type) && found?.some(isWide)) this.wide.add(layer.name);
        return found;
      });
      for (const [t, tensor] of layer.tops.entries()) {
        const format = formats[t];
        const value = planned?.[t];
        const isLast = isLastOf(net, layer, tensor);
        if (value === undefined) {
          overwritten.note(tensor, isLast);
          values.set(tensor, this.input(tensor, format));
        } else if (format === undefined) values.set(tensor, { planned: value, real: () => tops()![t]! });
        else {
          const { node, held } = this.node(tensor, format);
          const fast = planning && fastForm(planning, value, format, node);
          const slow = (): Codes => requantize(tops()![t]!, format);
          const all = this.remembered(() => exactOf(layer, tops()![t]!));
          const exact = exactAt(value, { sources: maker.sources, nodes: this.nodes }) ?? ((i) => all()(i));
          this.steps.push({ layer, node, format, tensor, exact, isLast, slow, fast, operation: undefined });
          values.set(tensor, held);
        }
      }
    }
    if (this.takeOver(earlier)) return;
    for (const node of earlier.nodes) node.release();
    // margins are known only now
    for (const step of this.steps) step.operation = step.fast?.prepare();
  }

  /** Goes on with kernels and memory of the last plan, where it differs in multipliers only. */
  private takeOver({ steps, nodes }: { steps: readonly Step[]; nodes: readonly CodeNode[] }): boolean {
    const now = [...this.nodes.values()];
    const same =
      nodes.length === now.length &&
      steps.length === this.steps.length &&
      this.steps.every(({ fast }, i) => fast?.key === steps[i]!.fast?.key);
    if (!same || nodes.length === 0) return false;
    if (!this.steps.every(({ fast }, i) => steps[i]!.operation?.round(fast!.roundings) ?? true)) return false;
    for (const [i, node] of now.entries()) node.adopt(nodes[i]!);
    for (const [i, step] of this.steps.entries()) step.operation = steps[i]!.operation;
    return true;
  }

  /** A value that the net itself gives: data, or what a layer in float made. */
  private input(tensor: Tensor, format: CodeFormat | undefined): Held {
    const read = (): Codes => {
      const values = tensor.data.hostRead<Float32Array>();
      return format === undefined ? fixedPoint(values, tensor.shape) : codesFrom(values, tensor.shape, format);
    };
    if (format !== undefined) {
      const { node, held } = this.node(tensor, format);
      this.inputs.push({ node, read, take: () => true });
      return held;
    }
    const range = rangeOfWhole(tensor);
    if (range === undefined) return { planned: unplanned(tensor.shape), real: read };
    const node = new CodeNode({ shape: [...tensor.shape], scale: 1, offset: 0 }, range);
    this.nodes.set(node.form.codes, node);
    const fits = (): boolean => {
      const now = rangeOfWhole(tensor);
      return now !== undefined && now.low >= range.low && now.high <= range.high;
    };
    this.inputs.push({ node, read, take: () => node.take(tensor.data.hostRead<Float32Array>()) ?? fits() });
    return { planned: node.form, real: () => node.codes };
  }

  private node({ shape }: Tensor, { scale, offset, bitwidth, unsigned }: CodeFormat): { node: CodeNode; held: Held } {
    const [low, high] = codeLimits(bitwidth, unsigned);
    const node = new CodeNode({ shape: [...shape], scale, offset }, { low, high });
    this.nodes.set(node.form.codes, node);
    return { node, held: { planned: node.form, real: () => node.codes } };
  }

  /** Once a pass. */
  private remembered<T>(make: () => T): () => T {
    let at = -1;
    let kept: T;
    return () => {
      if (at !== this.pass) kept = make();
      at = this.pass;
      return kept;
    };
  }
}

/** Codes of bytes, signed bytes or 16 bits, whichever hold the values; undefined where they are not whole. */
function rangeOfWhole({ data }: Tensor): CodeRange | undefined {
  let [low, high] = [0, 0];
  const values = data.hostRead<Float32Array>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if ((value | 0) !== value) return undefined;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const ranges = [codeLimits(8, true), codeLimits(8, false), codeLimits(15, true), codeLimits(16, false)];
  const found = ranges.find(([least, most]) => low >= least && high <= most);
  return found === undefined ? undefined : { low: found[0], high: found[1] };
}
