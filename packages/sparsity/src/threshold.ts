import { lastStepBelow } from './last-step.ts';
import { nthSmallest } from './nth-smallest.ts';

const { fround } = Math;

/** Upper limits of a threshold. */
export interface Caps {
  /** Share of the largest |w| (sparsity_threshold_maxratio); default 0.2. */
  maxRatio?: number;
  /** Absolute (sparsity_threshold_value_max); default 0.2. */
  valueMax?: number;
}

export const defaultCaps: Required<Caps> = { maxRatio: fround(0.2), valueMax: fround(0.2) };

/** Finest step of the channel-wise search, as a share of the largest |w|. */
const stepFactor = fround(1e-7);

let scratch = new Float32Array(0);

/**
 * Largest threshold, to a 1e-7th of the channel's largest |w|, for which the share of weights with |w| ≤ threshold does
 * not exceed `fraction`; just under the caps where those come first; 0 where nothing more may become zero. Bit for bit
 * what the float32 search of caffe-jacinto 0.17 selects (FindAndApplyChannelThresholdNet), without its trials: which
 * trial exceeds the fraction first depends on one order statistic only. NaN counts as never small.
 */
export function channelThreshold(channel: Float32Array, fraction: number, caps: Caps = {}): number {
  const largest = largestMagnitude(channel);
  if (!(largest > 0)) return 0;
  const step = fround(largest * stepFactor);
  const cap = Math.min(
    fround(caps.valueMax ?? defaultCaps.valueMax),
    fround(largest * fround(caps.maxRatio ?? defaultCaps.maxRatio)),
    largest,
  );
  const firstExcess = excessAt(channel, fraction);
  let selected = 0;
  let granularity = 1000;
  for (let pass = 0; pass < 4; pass++, granularity /= 10) {
    const size = fround(step * granularity);
    const range = fround(fround(size * 10) * 2);
    const from = pass === 0 ? 0 : Math.max(fround(selected - range), 0);
    const to = pass === 0 ? cap : fround(selected + range);
    selected = lastStepBelow(from, size, Math.min(to, cap, firstExcess)) ?? selected;
  }
  return selected;
}

/**
 * One threshold for a whole layer (caffe-jacinto 0.16: FindAndApplyThresholdNet, `caffe threshold`): steps of 100 times
 * `stepFactor` · largest |w|, then single ones around the best. `stepFactor` default 1e-6, as the scripts gave it.
 */
export function layerThreshold(
  weights: Float32Array,
  fraction: number,
  { stepFactor: factor = 1e-6, ...caps }: Caps & { stepFactor?: number } = {},
): number {
  const largest = largestMagnitude(weights);
  if (!(largest > 0)) return 0;
  const step = fround(largest * fround(factor));
  const cap = Math.min(
    fround(caps.valueMax ?? defaultCaps.valueMax),
    fround(largest * fround(caps.maxRatio ?? defaultCaps.maxRatio)),
    largest,
  );
  const limit = Math.min(cap, excessAt(weights, fraction));
  const coarse = fround(step * 100);
  const near = lastStepBelow(0, coarse, limit) ?? 0;
  const from = Math.max(fround(near - coarse), 0);
  return lastStepBelow(from, step, Math.min(limit, fround(near + coarse))) ?? 0;
}

/** Sets weights with |w| ≤ threshold to 0, in place; gives the number of zeros there are then. */
export function zeroUpTo(weights: Float32Array, threshold: number): number {
  let zeros = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    if (w <= threshold && w >= -threshold) {
      weights[i] = 0;
      zeros++;
    }
  }
  return zeros;
}

/** Largest |w|; NaN is passed over. */
function largestMagnitude(weights: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < weights.length; i++) {
    const magnitude = Math.abs(weights[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** The smallest threshold at which more than `fraction` of the weights are small; Infinity where there is none. */
function excessAt(weights: Float32Array, fraction: number): number {
  const allowed = allowedZeros(weights.length, fround(fraction));
  if (allowed >= weights.length) return Infinity;
  if (allowed < 0) return 0;
  if (scratch.length < weights.length) scratch = new Float32Array(weights.length);
  let count = 0; // zeros need no place in the order: they come first
  for (let i = 0; i < weights.length; i++) {
    const magnitude = Math.abs(weights[i]!);
    if (magnitude !== 0) scratch[count++] = magnitude > 0 ? magnitude : Infinity;
  }
  const zeros = weights.length - count;
  return zeros > allowed ? 0 : nthSmallest(scratch, count, allowed - zeros);
}

/** The most zeros whose share, in float32 division, does not exceed the fraction; −1 where not even 0 does. */
export function allowedZeros(count: number, fraction: number): number {
  const fits = (zeros: number): boolean => fround(zeros / count) <= fraction;
  let zeros = Math.min(count, Math.max(0, Math.floor(count * fraction)));
  while (zeros < count && fits(zeros + 1)) zeros++;
  while (zeros >= 0 && !fits(zeros)) zeros--;
  return zeros;
}
