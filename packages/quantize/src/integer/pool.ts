import { create, type LayerParameter, PoolingParameter } from '@jacinto/proto';
import { type Accumulated, accumulatedOf, type Codes, channelsOf } from './value.ts';

/** A window along an axis. */
export interface Axis {
  from: number;
  to: number;
  /** Length of the window inside the padded image: what an average divides by. */
  length: number;
}

/** Where windows lie, clipped to the image, and the length of each inside the padded image. */
export interface PoolWindows {
  rows: readonly Axis[];
  columns: readonly Axis[];
  isMax: boolean;
  /** Averages: the least common multiple of the windows' areas, what all of them are divided by. */
  divisor: number;
}

/** Undefined for methods without integer form. */
export function poolWindows(
  xShape: readonly number[],
  param: LayerParameter,
  shape: readonly number[],
): PoolWindows | undefined {
  const p = param.poolingParam ?? create('PoolingParameter');
  const { MAX, AVE } = PoolingParameter.PoolMethod;
  if (xShape.length !== 4 || (p.pool !== MAX && p.pool !== AVE)) return undefined;
  const axis = (i: number, size: number, kernel: number, stride: number, pad: number): Axis => {
    if (p.globalPooling) return { from: 0, to: size, length: size };
    const start = i * stride - pad;
    const end = Math.min(start + kernel, size + pad);
    return { from: Math.max(0, start), to: Math.min(end, size), length: end - start };
  };
  const rows = Array.from({ length: shape[2]! }, (_, i) =>
    axis(i, xShape[2]!, p.kernelH ?? p.kernelSize ?? 1, p.strideH ?? p.stride, p.padH || p.pad),
  );
  const columns = Array.from({ length: shape[3]! }, (_, i) =>
    axis(i, xShape[3]!, p.kernelW ?? p.kernelSize ?? 1, p.strideW ?? p.stride, p.padW || p.pad),
  );
  const areas = new Set(rows.flatMap((h) => columns.map((w) => h.length * w.length)));
  return { rows, columns, isMax: p.pool === MAX, divisor: [...areas].reduce(leastCommonMultiple, 1) };
}

/** Maximum of codes: as codes of the same scale. Average: sums, all over one divisor. Undefined for other methods. */
export function pool(x: Codes, param: LayerParameter, shape: readonly number[]): Codes | Accumulated | undefined {
  const windows = poolWindows(x.shape, param, shape);
  if (windows === undefined) return undefined;
  const { rows, columns, isMax, divisor } = windows;
  const [items, channels, height, width] = x.shape as [number, number, number, number];
  const count = items * channels * rows.length * columns.length;
  const found = new Float64Array(count);
  const taps = new Float64Array(count);
  let at = 0;
  for (let plane = 0; plane < items * channels; plane++) {
    for (const h of rows) {
      for (const w of columns) {
        let best = Number.NEGATIVE_INFINITY;
        let sum = 0;
        for (let y = h.from; y < h.to; y++) {
          for (let z = w.from; z < w.to; z++) {
            const code = x.codes[(plane * height + y) * width + z]!;
            if (code > best) best = code;
            sum += code;
          }
        }
        const weight = isMax ? 1 : divisor / (h.length * w.length);
        found[at] = isMax ? best : sum * weight;
        taps[at] = (h.to - h.from) * (w.to - w.from) * weight;
        at++;
      }
    }
  }
  return pooledValue(x, shape, windows, found, taps);
}

/** What the maxima, or the sums and the numbers of taps, stand for. */
export function pooledValue(
  x: Codes,
  shape: readonly number[],
  { isMax, divisor }: PoolWindows,
  found: Float64Array,
  taps: Float64Array,
): Codes | Accumulated {
  if (isMax) return { ...x, shape, codes: found };
  const size = channelsOf(shape);
  const unit = 1 / (x.scale * divisor);
  const terms = [{ sums: found, factors: new Float64Array(size).fill(unit) }];
  if (x.offset !== 0) terms.push({ sums: taps, factors: new Float64Array(size).fill(-x.offset * unit) });
  return { ...accumulatedOf(x), shape, terms, add: new Float64Array(size) };
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
