import { create, EltwiseParameter, type LayerParameter } from '@jacinto/proto';
import type { QuantizableLayer } from '../quantizable-net.ts';
import { type CodeFormat, requantize } from './requantize.ts';
import { type Codes, countOf, type Value } from './value.ts';

/** Whether a layer takes values that must have one format before they can be put together. */
export const joins = ({ type, layer }: QuantizableLayer): boolean =>
  type === 'Concat' || (type === 'Eltwise' && isMaximum(layer.layerParam));

/** Concat and Eltwise MAX: all inputs in the output's codes, then put together. */
export function join({ type, layer, tops }: QuantizableLayer, bottoms: readonly Value[], format: CodeFormat): Codes {
  const inputs = bottoms.map((value) => requantize(value, format));
  const { shape } = tops[0]!;
  if (type !== 'Concat')
    return { ...inputs[0]!, codes: inputs[0]!.codes.map((_, i) => Math.max(...inputs.map(({ codes }) => codes[i]!))) };
  const axis = axisOf(layer.layerParam.concatParam ?? create('ConcatParameter'), shape.length);
  const outer = countOf(shape.slice(0, axis));
  const codes = new Float64Array(countOf(shape));
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const { codes: part } of inputs) {
      const length = part.length / outer;
      codes.set(part.subarray(o * length, (o + 1) * length), at);
      at += length;
    }
  }
  return { ...inputs[0]!, shape, codes };
}

/** Slice of codes along an axis. */
export function slice({ layer, tops }: QuantizableLayer, x: Codes): Codes[] {
  const axis = axisOf(layer.layerParam.sliceParam ?? create('SliceParameter'), x.shape.length);
  const outer = countOf(x.shape.slice(0, axis));
  const whole = x.codes.length / outer;
  let from = 0;
  return tops.map(({ shape, count }) => {
    const length = count / outer;
    const codes = new Float64Array(count);
    for (let o = 0; o < outer; o++)
      codes.set(x.codes.subarray(o * whole + from, o * whole + from + length), o * length);
    from += length;
    return { ...x, shape, codes };
  });
}

const isMaximum = ({ eltwiseParam }: LayerParameter): boolean =>
  eltwiseParam !== undefined && eltwiseParam.operation === EltwiseParameter.EltwiseOp.MAX;

function axisOf({ axis }: { axis: number }, axes: number): number {
  return axis < 0 ? axis + axes : axis;
}
