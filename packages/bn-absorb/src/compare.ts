import type { NetOutputs } from './run-net.ts';

export interface Difference {
  /** Blob with the worst difference; '' where no blob was compared. */
  blob: string;
  /** Largest |after − before| of that blob, and the same divided by its largest |before| (by 1 where all are smaller than 1e-6). */
  absolute: number;
  relative: number;
  blobs: number;
}

/** The worst difference between what a net gave before and after. NaN beside a number counts as infinite. */
export function compareOutputs(before: NetOutputs, after: NetOutputs): Difference {
  const worst: Difference = { blob: '', absolute: 0, relative: 0, blobs: 0 };
  for (const [blob, values] of before) {
    const others = after.get(blob);
    if (others === undefined) continue;
    worst.blobs++;
    const absolute = largestDifference(values, others);
    const scale = largest(values);
    const relative = absolute / (scale < 1e-6 ? 1 : scale);
    if (worst.blob !== '' && relative <= worst.relative) continue;
    Object.assign(worst, { blob, absolute, relative });
  }
  return worst;
}

/** A difference in words. */
export function differenceText({ blob, absolute, relative, blobs }: Difference): string {
  const what = `worst difference of ${blobs} ${blobs === 1 ? 'blob' : 'blobs'}`;
  return `${what}: ${absolute.toPrecision(3)} in ${blob}, ${relative.toPrecision(3)} of its largest value`;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const difference = Math.abs(a[i]! - b[i]!);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  return worst;
}

function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}
