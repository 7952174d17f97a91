import { tapsAt } from './convolve.ts';
import type { Planning } from './fast-form.ts';
import { realAt } from './sum-maker.ts';
import type { Value } from './value.ts';

/**
 * Reads single values of planned sums of a convolution or of codes, from the codes that the nodes hold, without making
 * all of them; undefined for sums of other kinds.
 */
export function exactAt(
  value: Value,
  { sources, nodes }: Pick<Planning, 'sources' | 'nodes'>,
): ((i: number) => number | undefined) | undefined {
  if (value.kind === 'codes') return undefined;
  const readers = new Map<Float64Array, (i: number) => number>();
  for (const { sums } of value.terms) {
    const node = nodes.get(sums);
    const source = sources.get(sums);
    if (node !== undefined) readers.set(sums, (i) => node.codes.codes[i]!);
    else if (source?.kind === 'products' || source?.kind === 'inputs') {
      const { kind, convolution } = source;
      const input = nodes.get(convolution.x.codes);
      if (input === undefined) return undefined;
      const { w } = convolution;
      // an inner product takes the items whole
      const whole = w.shape.length === 2;
      const shape = whole ? [value.shape[0]!, w.shape[1]!, 1, 1] : convolution.x.shape;
      const result = whole ? [...value.shape, 1, 1] : value.shape;
      readers.set(sums, (i) => {
        const x = { ...convolution.x, codes: input.codes.codes, shape };
        return tapsAt({ ...convolution, x }, result, i)[kind];
      });
    } else return undefined;
  }
  return (i) => realAt(value, i, (sums, at) => readers.get(sums)!(at));
}
