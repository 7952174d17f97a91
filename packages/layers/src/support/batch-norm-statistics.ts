import type { RunningUpdate } from '@jacinto/core-tensor';

/**
 * What blobs 0 to 2 of BatchNorm hold. `averages` (NVIDIA and caffe-jacinto): mean, variance, constant 1.
 * `sums` (BVLC Caffe): mean·s, variance·s and the factor s.
 */
export type StatisticsForm = 'averages' | 'sums';

/** The form of blobs whose third holds `factor`; only 3 blobs can be BVLC's. */
export function statisticsForm(blobCount: number, factor: number): StatisticsForm {
  return blobCount === 3 && factor !== 1 ? 'sums' : 'averages';
}

/** eps in use: NVIDIA's never falls below 1e-5 (cuDNN's least), BVLC's is as given. */
export function effectiveEps(form: StatisticsForm, eps: number): number {
  return form === 'sums' ? eps : Math.max(eps, Math.fround(1e-5));
}

/** What the statistics are multiplied by in use: 1, or 1/s; a factor of 0 (nothing seen yet) gives 0. */
export function statisticsFactor(form: StatisticsForm, factor: number): number {
  if (form === 'averages') return 1;
  return factor === 0 ? 0 : 1 / factor;
}

/** BVLC's factor after one more training pass. */
export function nextFactor(factor: number, fraction: number): number {
  return Math.fround(Math.fround(factor * Math.fround(fraction)) + 1);
}

/**
 * How a training pass over `values` values a channel moves the statistics. The variance is made unbiased.
 * averages: running = fraction·running + (1 − fraction)·batch, at the solver's iteration 0 the batch's alone (cuDNN).
 * sums: sum = fraction·sum + batch.
 */
export function runningUpdate(
  form: StatisticsForm,
  { values, fraction, iteration }: { values: number; fraction: number; iteration: number },
): RunningUpdate {
  const varianceCorrection = values > 1 ? values / (values - 1) : 1;
  if (form === 'sums') return { keep: fraction, add: 1, varianceCorrection };
  const keep = iteration === 0 ? 0 : fraction;
  return { keep, add: 1 - keep, varianceCorrection };
}
