import { onePixel, type TapOperands, type TapSums, tapSums, tapValue, type Windows } from './convolve.ts';
import { type PoolWindows, pooledValue, poolWindows } from './pool.ts';
import type { SumMaker } from './sum-maker.ts';
import type { Accumulated, Codes, Value } from './value.ts';

/** What an array of sums, empty as yet, stands for. */
export type Source =
  | { kind: 'products' | 'inputs'; convolution: TapOperands }
  | { kind: 'pool'; x: Codes; windows: PoolWindows }
  | { kind: 'product'; a: Codes; b: Codes }
  | { kind: 'join'; values: readonly Value[]; isConcat: boolean; axis: number };

/** Sums that are noted, not made: their arrays stay empty, and `sources` tells what each stands for. */
export class PlanMaker implements SumMaker {
  readonly sources = new Map<Float64Array, Source>();
  private readonly remembered: Map<object, Codes>;

  /** @param remembered Codes of blobs by what rounded them, kept from plan to plan. */
  constructor(remembered: Map<object, Codes>) {
    this.remembered = remembered;
  }

  weights: SumMaker['weights'] = (q, make) => {
    const codes = this.remembered.get(q) ?? make();
    this.remembered.set(q, codes);
    return codes;
  };

  convolve = (x: Codes, w: Codes, shape: readonly number[], windows: Windows, bias: Float64Array): Accumulated =>
    this.taps({ x, w, windows, transposed: false }, shape, bias);

  deconvolve = (x: Codes, w: Codes, shape: readonly number[], windows: Windows, bias: Float64Array): Accumulated =>
    this.taps({ x, w, windows, transposed: true }, shape, bias);

  /** A convolution whose kernel is the whole image. */
  multiply = (x: Codes, w: Codes, shape: readonly number[], transposed: boolean, bias: Float64Array): Accumulated => {
    const outputs = bias.length;
    const inputs = w.codes.length / outputs;
    const turned = (i: number): number => w.codes[(i % inputs) * outputs + Math.floor(i / inputs)]!;
    const codes = transposed ? w.codes.map((_, i) => turned(i)) : w.codes;
    const layout = { groups: 1, outer: 1, channels: outputs, inner: inputs };
    const channels = w.channels && { ...w.channels, layout };
    const turnedWeights = { ...w, codes, shape: [outputs, inputs], channels };
    return this.taps({ x, w: turnedWeights, windows: onePixel, transposed: false }, shape, bias);
  };

  pool: SumMaker['pool'] = (x, param, shape) => {
    const windows = poolWindows(x.shape, param, shape);
    if (windows === undefined) return undefined;
    const found = this.noted({ kind: 'pool', x, windows });
    return pooledValue(x, shape, windows, found, new Float64Array(0));
  };

  product = (a: Codes, b: Codes): Float64Array => this.noted({ kind: 'product', a, b });

  join: SumMaker['join'] = ({ type, layer, tops }, values, { scale, offset }) => {
    const codes = this.noted({
      ...{ kind: 'join', values, isConcat: type === 'Concat' },
      axis: layer.layerParam.concatParam?.axis ?? 1,
    });
    return { kind: 'codes', shape: [...tops[0]!.shape], codes, scale, offset };
  };

  /** Sums that nothing rounds have no codes in a plan: an array that no source belongs to. */
  codesOf: SumMaker['codesOf'] = (value) => (value.kind === 'codes' ? value : unplanned(value.shape));

  private taps(convolution: TapOperands, shape: readonly number[], bias: Float64Array): Accumulated {
    const sums: TapSums = tapSums(0, convolution.x, convolution.w);
    this.sources.set(sums.products, { kind: 'products', convolution });
    if (sums.inputs !== undefined) this.sources.set(sums.inputs, { kind: 'inputs', convolution });
    return tapValue(sums, shape, convolution.x, convolution.w, bias);
  }

  private noted(source: Source): Float64Array {
    const sums = new Float64Array(0);
    this.sources.set(sums, source);
    return sums;
  }
}

/** Codes of which a plan knows nothing. */
export const unplanned = (shape: readonly number[]): Codes => {
  return { kind: 'codes', shape, codes: new Float64Array(0), scale: 1, offset: 0 };
};
