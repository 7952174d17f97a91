import { memberProblem, type RunFinder, targetProblem } from './find-runs.ts';
import { soleReader } from './graph.ts';
import { shiftProblem } from './merge.ts';

const merges = (type: string | undefined): boolean =>
  type === 'Convolution' || type === 'Deconvolution' || type === 'InnerProduct';

/** Why a BatchNorm was merged into nothing, in words. */
export function reasonKept(at: RunFinder, index: number, compat: boolean): string {
  const own = memberProblem(at, index);
  if (own !== undefined) return own;
  const input = at.graph.bottoms[index]![0];
  const before = input === undefined ? undefined : at.layers[input.maker]!;
  if (input !== undefined && merges(before?.type)) {
    const name = `layer "${before!.name ?? ''}" (${before!.type})`;
    if (soleReader(input) === undefined) return `${name} before it is read by ${input.readers.length} layers`;
    const problem = targetProblem(at, input.maker);
    if (problem !== undefined) return `${name} before it ${problem}`;
    if (compat) return `${name} before it is no Convolution, and caffe-jacinto 0.17 merges into those only`;
  }
  if (compat) return 'no Convolution stands right before it';
  const behind = afterRun(at, index);
  if (behind !== undefined && merges(at.layers[behind]!.type)) {
    const layer = at.layers[behind]!;
    const problem = targetProblem(at, behind);
    if (problem !== undefined) return `layer "${layer.name ?? ''}" (${layer.type}) behind it ${problem}`;
    const shift = shiftProblem(layer);
    if (shift !== undefined) return shift;
  }
  return 'no convolution or inner product stands right before it, nor, as its only reader, behind it';
}

/** The layer behind the run of affine layers that begins at `index`. */
function afterRun(at: RunFinder, index: number): number | undefined {
  let next = soleReader(at.graph.tops[index]![0]);
  while (next !== undefined && memberProblem(at, next) === undefined) next = soleReader(at.graph.tops[next]![0]);
  return next;
}
