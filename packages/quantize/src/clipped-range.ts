import { CaffeError } from '@jacinto/proto/errors';
import { rangeOf, type SeenRange } from './range.ts';

/**
 * How the range of activations is taken from what a pass saw:
 * 'minmax' all of it (caffe-jacinto); 'percentile' without the outermost values on each side; 'kl' the range whose
 * codes lose least information about the distribution (Migacz, 8-bit inference with TensorRT, 2017).
 */
export type RangeMethod = 'minmax' | 'percentile' | 'kl';

export interface ClippedRangeOptions {
  method: RangeMethod;
  /** Percent of the values that stay inside, for each side alone; default 99.99. */
  percentile?: number;
  /** Bits of the codes, which 'kl' compares with. */
  bitwidth: number;
}

export const defaultPercentile = 99.99;

/** Enough that a bin is finer than the codes of any bitwidth in use, few enough that its search is quick. */
const binCount = 2048;

/**
 * The range of values for a calibration method. Values outside it are clipped to the first and last code. A range is
 * never wider than the values', and a blob without negative values keeps a range without them.
 * @throws CaffeError 'bad-value' for a percentile not above 50 and up to 100.
 */
export function clippedRange(values: ArrayLike<number>, options: ClippedRangeOptions): SeenRange {
  const { method, percentile = defaultPercentile, bitwidth } = options;
  const all = rangeOf(values);
  if (method === 'minmax' || all.min === all.max) return all;
  if (method === 'percentile') {
    checkPercentile(percentile);
    const bins = histogram(values, all.min, all.max);
    const outside = 1 - percentile / 100;
    const min = quantile(bins, all, outside);
    const max = quantile(bins, all, 1 - outside);
    return { ...all, min: Math.fround(Math.min(min, max)), max: Math.fround(Math.max(min, max)) };
  }
  const unsigned = all.min >= 0;
  const reach = Math.max(-all.min, all.max);
  const codes = unsigned ? 2 ** bitwidth : 2 ** (bitwidth - 1);
  // Zeros need no code's width: code 0 tells them exactly. Counted, those of a ReLU would make narrow codes look best.
  const magnitudes = histogram(values, 0, reach, (v) => (v === 0 ? Number.NaN : Math.abs(v)));
  const kept = leastDivergence(magnitudes, codes);
  const limit = Math.fround((reach * kept) / binCount);
  return { ...all, min: Math.max(all.min, -limit), max: Math.min(all.max, limit) };
}

/** @throws CaffeError 'bad-value' */
export function checkPercentile(percentile: number): void {
  if (percentile > 50 && percentile <= 100) return;
  const fix = 'use more than 50, up to 100';
  throw new CaffeError({ code: 'bad-value', field: 'percentile', problem: `is ${percentile}`, fix });
}

function histogram(
  values: ArrayLike<number>,
  from: number,
  to: number,
  of: (v: number) => number = (v) => v,
): Float64Array {
  const bins = new Float64Array(binCount);
  const perBin = binCount / (to - from);
  for (let i = 0; i < values.length; i++) {
    const v = of(values[i]!);
    if (Number.isFinite(v)) bins[Math.min(binCount - 1, Math.floor((v - from) * perBin))]!++;
  }
  return bins;
}

/** Where the share `part` of the values lies below, straight between the edges of a bin. */
function quantile(bins: Float64Array, { min, max }: SeenRange, part: number): number {
  const wanted = part * bins.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let b = 0; b < bins.length; b++) {
    const count = bins[b]!;
    if (count > 0 && below + count >= wanted) {
      return min + ((max - min) * (b + Math.max(0, wanted - below) / count)) / bins.length;
    }
    below += count;
  }
  return max;
}

/** Number of bins (at least as many as codes) whose clipped distribution is told best by so many codes. */
function leastDivergence(bins: Float64Array, codes: number): number {
  if (codes >= bins.length) return bins.length;
  let best = bins.length;
  let least = Number.POSITIVE_INFINITY;
  let inside = 0;
  const total = bins.reduce((sum, count) => sum + count, 0);
  for (let b = 0; b < bins.length; b++) {
    inside += bins[b]!;
    const kept = b + 1;
    if (kept < codes) continue;
    const loss = divergence(bins, kept, codes, total - inside, total);
    // on a tie the wider range wins: it clips less
    if (loss <= least) {
      least = loss;
      best = kept;
    }
  }
  return best;
}

/**
 * Kullback–Leibler divergence of the first `kept` bins, with what lies outside added to the last, from the same bins
 * told by `codes` codes: each code spreads its count evenly over those of its bins that are not empty.
 */
function divergence(bins: Float64Array, kept: number, codes: number, outside: number, total: number): number {
  let loss = 0;
  const told = total - outside;
  for (let code = 0; code < codes; code++) {
    const from = Math.floor((code * kept) / codes);
    const to = Math.floor(((code + 1) * kept) / codes);
    let count = 0;
    let filled = 0;
    for (let b = from; b < to; b++) {
      count += bins[b]!;
      if (bins[b]! > 0 || (b === kept - 1 && outside > 0)) filled++;
    }
    const q = count / filled / told;
    for (let b = from; b < to; b++) {
      const p = (bins[b]! + (b === kept - 1 ? outside : 0)) / total;
      if (p === 0) continue;
      if (q === 0) return Number.POSITIVE_INFINITY;
      loss += p * Math.log(p / q);
    }
  }
  return loss;
}
