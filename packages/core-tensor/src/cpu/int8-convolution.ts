import { CaffeError } from '@jacinto/proto/errors';
import type { CodeImages, Int8ConvolutionSpec, Int8Operations, Margin } from '../operations/index.ts';
import type { Engine } from './engine.ts';
import { int8Direct } from './int8-direct.ts';
import { placed } from './int8-images.ts';
import { marginOf } from './int8-taps.ts';
import { boundsOf, fitWords, needsInputs, weightsOf } from './int8-weights.ts';
import { int8Winograd, mayTile } from './int8-winograd.ts';

/** Convolutions and deconvolutions of codes. */
export function int8Convolution(engine: Engine): Int8Operations['convolution'] {
  return (spec, source, result) => {
    checkShapes(spec);
    checkMargin(source, marginOf(spec, false));
    if (!fitWords(spec.weights)) return undefined;
    const [x, y] = [placed(source), placed(result)];
    const weights = weightsOf(spec);
    const bounds = boundsOf(spec, weights);
    const withInputs = needsInputs(spec.rounding);
    if (!withInputs && mayTile(spec) && holds(source.margin, marginOf(spec, true))) {
      const tiled = int8Winograd(engine, { spec, weights, bounds }, x, y);
      if (tiled !== undefined) return tiled;
    }
    return int8Direct(engine, { spec, weights, bounds, withInputs }, x, y);
  };
}

/** As much as the fastest kernel for the spec wants. */
export const int8ConvolutionMargin: Int8Operations['convolutionMargin'] = (spec) => marginOf(spec, mayTile(spec));

const sides = ['top', 'left', 'bottom', 'right'] as const;
const holds = (margin: Margin, least: Margin): boolean => sides.every((side) => margin[side] >= least[side]);

function checkMargin({ margin }: CodeImages, least: Margin): void {
  if (holds(margin, least)) return;
  const list = (m: Margin): string => sides.map((side) => m[side]).join(' ');
  const problem = `int8: the margin of x is ${list(margin)} (top, left, bottom, right)`;
  throw new CaffeError({ code: 'bad-value', problem, fix: `use ${list(least)} or more: see convolutionMargin` });
}

function checkShapes({ x, y, weights, transposed, kernel, group, rounding }: Int8ConvolutionSpec): void {
  const [inputs = 0, outputs = 0] = [x[1], y[1]];
  const count = (kernel[0] * kernel[1] * inputs * outputs) / group;
  const fits = x.length === 4 && y.length === 4 && x[0] === y[0] && inputs % group === 0 && outputs % group === 0;
  if (fits && weights.length === count && rounding.channels.length === outputs) return;
  const problem =
    `int8: x ${x.join(' ')}, y ${y.join(' ')}, kernel ${kernel.join(' ')}, group ${group}: ${weights.length} weights ` +
    `and ${rounding.channels.length} channels of rounding do not fit`;
  const order = transposed ? 'C,O/group,KH,KW' : 'O,C/group,KH,KW';
  throw new CaffeError({
    code: 'bad-shape',
    problem,
    fix: `use N,C,H,W, weights ${order}, and one rounding an output`,
  });
}
