import { CaffeError } from '@jacinto/proto';
import { type ConvolutionWeights, type Fractions, fractionFor, fractionsOf } from './convolution.ts';
import { excluder } from './exclude.ts';
import { type Method, sparsify } from './methods.ts';
import { type SparsityTable, sparsityTable } from './table.ts';
import type { Caps } from './threshold.ts';

export interface MakeSparseOptions extends Caps {
  method?: Method;
  /** Layers to leave alone, by name; a * stands for any letters. */
  exclude?: readonly string[];
}

export interface MadeSparse {
  /** The last factor applied. */
  factor: number;
  reached: boolean;
  /** Layers that stay dense, because of their size or by name. */
  dense: string[];
  table: SparsityTable;
}

/**
 * Zeroes the smallest weights, in place, until the share `target` of all counted weights is 0: the factor rises from
 * the target in steps of 0.01 to min(target + 0.15, 0.95) at most, as it does in training. Caps are those of
 * `sparsify`. @throws CaffeError for a target outside 0 … 1, or where there is no convolution to make sparse.
 */
export function makeSparse(
  convolutions: readonly ConvolutionWeights[],
  target: number,
  options: MakeSparseOptions = {},
): MadeSparse {
  if (!(target >= 0 && target <= 1)) {
    throw new CaffeError({ code: 'bad-value', field: 'target', problem: `is ${target}`, fix: 'use 0 to 1' });
  }
  const limit = Math.max(target, Math.min(target + 0.15, 0.95));
  let factor = target;
  for (;;) {
    const { table, dense } = makeSparseBy(convolutions, fractionsOf(factor), options);
    const reached = table.sparsity >= target;
    const next = Math.round((factor + 0.01) * 1e6) / 1e6;
    if (reached || next > limit) return { factor, reached, dense, table };
    factor = next;
  }
}

/** One pass with given fractions, in place. */
export function makeSparseBy(
  convolutions: readonly ConvolutionWeights[],
  fractions: Fractions,
  { exclude = [], ...options }: MakeSparseOptions = {},
): Pick<MadeSparse, 'table' | 'dense'> {
  const names = convolutions.map(({ layer }) => layer);
  const isExcluded = excluder(exclude, names);
  const layerWise = options.method?.kind === 'layer';
  const takesPart = (convolution: ConvolutionWeights): boolean =>
    !isExcluded(convolution.layer) && fractionFor(convolution, fractions, { layerWise }) !== undefined;
  const chosen = convolutions.filter(takesPart);
  if (chosen.length === 0) {
    throw new CaffeError({
      code: 'bad-value',
      problem:
        convolutions.length === 0
          ? 'the net has no Convolution layer'
          : 'no Convolution layer of the net can be made sparse',
      fix: 'layers need 32 inputs or outputs, a kernel of 3 × 3 or more, fewer groups than outputs, and not to be excluded',
    });
  }
  for (const convolution of chosen) sparsify(convolution, fractions, options);
  return {
    table: sparsityTable(convolutions),
    dense: convolutions.filter((convolution) => !chosen.includes(convolution)).map(({ layer }) => layer),
  };
}
