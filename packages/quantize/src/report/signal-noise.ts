/** Power of a signal and of the error that quantization adds to it, summed over values. */
export interface SignalNoise {
  signal: number;
  noise: number;
}

export const noSignal = (): SignalNoise => ({ signal: 0, noise: 0 });

/** Adds Σ x² and Σ (x − y)²; values that are not finite on either side are left out. */
export function addSignalNoise(sum: SignalNoise, exact: ArrayLike<number>, quantized: ArrayLike<number>): void {
  for (let i = 0; i < exact.length; i++) {
    const x = exact[i]!;
    const error = x - quantized[i]!;
    if (!Number.isFinite(error)) continue;
    sum.signal += x * x;
    sum.noise += error * error;
  }
}

/** Signal-to-noise ratio in dB; infinite where nothing was lost, NaN where there was no signal either. */
export function decibels({ signal, noise }: SignalNoise): number {
  if (noise === 0) return signal === 0 ? Number.NaN : Number.POSITIVE_INFINITY;
  return 10 * Math.log10(signal / noise);
}
