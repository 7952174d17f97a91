import { bestClass } from '../best-class.ts';
import { quantizesItself } from '../layer-types.ts';
import type { QuantizableLayer, QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';
import type { Rounding } from '../trim.ts';
import { IntegerNet } from './integer-net.ts';
import type { IntegerReport } from './layer-values.ts';
import { type Codes, countOf } from './value.ts';

/** One quantized output over the passes whose layers are compared, where the layer starts from the simulation's codes. */
export interface IntegerTotal extends IntegerReport {
  /** `differing` and `worst` through the whole net, where differences add up. */
  differingThrough: number;
  worstThrough: number;
}

export interface IntegerTotals {
  layers: IntegerTotal[];
  floatLayers: string[];
  wideLayers: string[];
  /** Layers without a fast kernel, or for which none would be exact: computed by plain loops. */
  slowLayers: string[];
  /** Items of all passes. */
  items: number;
  /** Share of items for which the last quantized output has the same largest class as the simulation; NaN: no classes. */
  sameClass: number;
  /** Share of items whose largest class is the label: by whole numbers, simulated, in float; NaN: no labels. */
  right: number;
  rightSimulated: number;
  rightFloat: number;
}

/** Layers are compared on the first passes only: their agreement needs fewer pictures than an accuracy. */
const comparedPasses = 4;

/** Adds up comparisons of whole numbers with the simulation, pass by pass: classes of all, layers of the first passes. */
export class IntegerCounter {
  private readonly rounding: Rounding;
  private readonly layers = new Map<string, IntegerTotal>();
  private integers: IntegerNet | undefined;
  private passes = 0;
  private floatLayers: string[] = [];
  private readonly wideLayers = new Set<string>();
  private readonly counts = { items: 0, same: 0, labelled: 0, right: 0, rightSimulated: 0, rightFloat: 0 };

  constructor(rounding: Rounding = 'gpu') {
    this.rounding = rounding;
  }

  /** After a pass of the net. `labels`: the true classes, where known; `float`: the net without quantization. */
  add(net: QuantizableNet, quantizer: Quantizer, labels?: ArrayLike<number>, float?: QuantizableNet): void {
    this.integers ??= new IntegerNet(net, quantizer, { rounding: this.rounding });
    const { integers } = this;
    if (this.passes++ < comparedPasses) this.compareLayers(integers);
    else integers.forward();
    const last = lastQuantized(net, quantizer);
    if (last === undefined) return;
    this.addClasses(last, integers.codes(last.name), labels, float?.layers[last.index]);
  }

  totals(): IntegerTotals {
    const { items, same, labelled, right, rightSimulated, rightFloat } = this.counts;
    const share = (count: number): number => count / labelled;
    return {
      ...{ layers: [...this.layers.values()], floatLayers: this.floatLayers, wideLayers: [...this.wideLayers] },
      ...{ slowLayers: this.integers?.slowLayers ?? [], items, sameClass: same / items },
      ...{ right: share(right), rightSimulated: share(rightSimulated), rightFloat: share(rightFloat) },
    };
  }

  /** Frees the kernels' memory. */
  dispose(): void {
    this.integers?.dispose();
  }

  private compareLayers(integers: IntegerNet): void {
    const alone = integers.compare();
    const through = integers.compare({ isolated: false });
    this.floatLayers = alone.floatLayers;
    for (const layer of alone.wideLayers) this.wideLayers.add(layer);
    for (const [i, { layer, type, count, differing, worst, byFloat, fromTie }] of alone.outputs.entries()) {
      const after = through.outputs[i]!;
      const known = this.layers.get(layer);
      this.layers.set(layer, {
        ...{ layer, type, count: count + (known?.count ?? 0), differing: differing + (known?.differing ?? 0) },
        worst: Math.max(worst, known?.worst ?? 0),
        byFloat: byFloat + (known?.byFloat ?? 0),
        fromTie: Math.max(fromTie, known?.fromTie ?? 0),
        differingThrough: after.differing + (known?.differingThrough ?? 0),
        worstThrough: Math.max(after.worst, known?.worstThrough ?? 0),
      });
    }
  }

  private addClasses(
    last: QuantizableLayer,
    ours: Codes,
    labels: ArrayLike<number> | undefined,
    float: QuantizableLayer | undefined,
  ): void {
    const [items = 0, classes = 0] = ours.shape;
    if (classes < 2 || countOf(ours.shape) !== items * classes) return;
    const simulated = last.tops[0]!.data.hostRead();
    const exact = float?.tops[0]?.data.hostRead();
    const { counts } = this;
    for (let n = 0; n < items; n++) {
      const found = bestClass(ours.codes, n * classes, classes);
      const theirs = bestClass(simulated, n * classes, classes);
      counts.items++;
      if (found === theirs) counts.same++;
      const label = labels?.[n];
      if (label === undefined) continue;
      counts.labelled++;
      if (found === label) counts.right++;
      if (theirs === label) counts.rightSimulated++;
      if (exact !== undefined && bestClass(exact, n * classes, classes) === label) counts.rightFloat++;
    }
  }
}

const lastQuantized = (net: QuantizableNet, quantizer: Quantizer): QuantizableLayer | undefined =>
  net.layers.findLast(
    ({ index, type, bottoms }) =>
      bottoms.length > 0 &&
      quantizesItself(type, bottoms.length) &&
      quantizer.layerParams[index]?.qparamOut[0]?.quantize === true,
  );
