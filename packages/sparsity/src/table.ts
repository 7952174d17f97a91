import { type ConvolutionWeights, countZeros } from './convolution.ts';
import { formatG } from './format-g.ts';
import type { Mask } from './mask.ts';

const { fround } = Math;

/** Zeros of one layer's weights. */
export interface TableRow {
  /** "conv1_param_0". */
  name: string;
  zeros: number;
  count: number;
}

export interface SparsityTable {
  /** 'Sparsity' counts zero weights, 'ConnectivitySparsity' zeros of the masks. */
  kind: 'Sparsity' | 'ConnectivitySparsity';
  /** In the order of std::map: by bytes of the name. */
  rows: TableRow[];
  /** Sums as Caffe forms them, in float32. */
  zeros: number;
  count: number;
  /** zeros / count in float32; NaN without rows. */
  sparsity: number;
}

/** Counts of all layers that take part (caffe-jacinto: DisplaySparsity, DisplayConnectivitySparsity). */
export function sparsityTable(
  convolutions: readonly ConvolutionWeights[],
  masks?: ReadonlyMap<string, Mask>,
): SparsityTable {
  const byName = new Map<string, TableRow>();
  for (const { layer, paramName, counted, values } of convolutions) {
    if (!counted) continue;
    const mask = masks?.get(layer);
    const zeros = masks === undefined ? countZeros(values) : mask === undefined ? 0 : countZeros(mask);
    const name = `${layer}_param_${paramName}`;
    byName.set(name, { name, zeros, count: values.length });
  }
  const rows = [...byName.values()].sort((a, b) => compareBytes(a.name, b.name));
  let zeros = 0;
  let count = 0;
  for (const row of rows) {
    zeros = fround(zeros + fround(row.zeros));
    count = fround(count + fround(row.count));
  }
  return {
    ...{ kind: masks === undefined ? 'Sparsity' : 'ConnectivitySparsity', rows, zeros, count },
    sparsity: fround(zeros / count),
  };
}

/** The table's lines, in the original's exact text (with its trailing spaces). */
export function tableLines({ kind, rows, zeros, count, sparsity }: SparsityTable): string[] {
  return [
    `Num Params(${rows.length}), ${kind} (zero_weights/count): `,
    ...rows.map((row) => `${row.name}(${formatG(fround(row.zeros / row.count), 3)}) `),
    `Total ${kind} (zero_weights/count) =  (${formatG(zeros)}/${formatG(count)}) ${formatG(sparsity, 3)}`,
  ];
}

const encoder = new TextEncoder();

function compareBytes(a: string, b: string): number {
  const [x, y] = [encoder.encode(a), encoder.encode(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}
