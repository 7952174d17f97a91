import { bestClass } from '../best-class.ts';
import { quantizesItself } from '../layer-types.ts';
import type { QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';
import type { Rounding } from '../trim.ts';
import { compareWithIntegers } from './compare.ts';
import { type Codes, countOf } from './value.ts';

/** One quantized output over all passes. */
export interface IntegerTotal {
  layer: string;
  type: string;
  count: number;
  /** Values whose code differs where the layer starts from the simulation's codes, and by how many codes at most. */
  differing: number;
  worst: number;
  /** The same through the whole net, where differences add up. */
  differingThrough: number;
  worstThrough: number;
}

export interface IntegerTotals {
  layers: IntegerTotal[];
  floatLayers: string[];
  wideLayers: string[];
  /** Share of items for which the last quantized output has the same largest class as the simulation; NaN: no classes. */
  sameClass: number;
  /** Share of items whose largest class is the label, by whole numbers and simulated; NaN: no labels. */
  right: number;
  rightSimulated: number;
}

/** Adds up comparisons of whole numbers with the simulation, pass by pass. */
export class IntegerCounter {
  private readonly rounding: Rounding;
  private readonly layers = new Map<string, IntegerTotal>();
  private floatLayers: string[] = [];
  private readonly wideLayers = new Set<string>();
  private readonly counts = { items: 0, same: 0, labelled: 0, right: 0, rightSimulated: 0 };

  constructor(rounding: Rounding = 'gpu') {
    this.rounding = rounding;
  }

  /** After a pass of the net. `labels`: the true classes, where known. */
  add(net: QuantizableNet, quantizer: Quantizer, labels?: ArrayLike<number>): void {
    const { rounding } = this;
    const alone = compareWithIntegers(net, quantizer, { rounding });
    const through = compareWithIntegers(net, quantizer, { rounding, isolated: false });
    this.floatLayers = alone.floatLayers;
    for (const layer of alone.wideLayers) this.wideLayers.add(layer);
    for (const [i, { layer, type, count, differing, worst }] of alone.outputs.entries()) {
      const after = through.outputs[i]!;
      const known = this.layers.get(layer);
      this.layers.set(layer, {
        ...{ layer, type, count: count + (known?.count ?? 0), differing: differing + (known?.differing ?? 0) },
        worst: Math.max(worst, known?.worst ?? 0),
        differingThrough: after.differing + (known?.differingThrough ?? 0),
        worstThrough: Math.max(after.worst, known?.worstThrough ?? 0),
      });
    }
    this.addClasses(net, quantizer, through.codes, labels);
  }

  totals(): IntegerTotals {
    const { items, same, labelled, right, rightSimulated } = this.counts;
    return {
      ...{ layers: [...this.layers.values()], floatLayers: this.floatLayers, wideLayers: [...this.wideLayers] },
      ...{ sameClass: same / items, right: right / labelled, rightSimulated: rightSimulated / labelled },
    };
  }

  private addClasses(
    net: QuantizableNet,
    quantizer: Quantizer,
    codes: ReadonlyMap<string, Codes>,
    labels: ArrayLike<number> | undefined,
  ): void {
    const last = net.layers.findLast(
      ({ index, type, bottoms }) =>
        quantizesItself(type, bottoms.length) && quantizer.layerParams[index]?.qparamOut[0]?.quantize === true,
    );
    const ours = last === undefined ? undefined : codes.get(last.name);
    if (last === undefined || ours === undefined) return;
    const [items = 0, classes = 0] = ours.shape;
    if (classes < 2 || countOf(ours.shape) !== items * classes) return;
    const simulated = last.tops[0]!.data.hostRead();
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
    }
  }
}
