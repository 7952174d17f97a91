/** A pooling window on one axis. */
export interface PoolingWindow {
  kernel: number;
  stride: number;
  pad: number;
}

/**
 * Output length on one axis: ⌈(input + 2·pad − kernel) / stride⌉ + 1 (⌊ ⌋ with `floor`). Where any axis is padded
 * (`clip`), the last window must start before the trailing pad. May be ≤ 0 where the kernel does not fit.
 */
export function pooledLength(
  input: number,
  { kernel, stride, pad }: PoolingWindow,
  clip = pad > 0,
  floor = false,
): number {
  const steps = (input + 2 * pad - kernel) / stride;
  const length = (floor ? Math.floor(steps) : Math.ceil(steps)) + 1;
  return clip && (length - 1) * stride >= input + pad ? length - 1 : length;
}
