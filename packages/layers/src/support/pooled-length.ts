/** A pooling window on one axis. */
export interface PoolingWindow {
  kernel: number;
  stride: number;
  pad: number;
}

/**
 * Output length on one axis: ⌈(input + 2·pad − kernel) / stride⌉ + 1. Where any axis is padded (`clip`), the last
 * window must start before the trailing pad. May be ≤ 0 where the kernel does not fit.
 */
export function pooledLength(input: number, { kernel, stride, pad }: PoolingWindow, clip = pad > 0): number {
  const length = Math.ceil((input + 2 * pad - kernel) / stride) + 1;
  return clip && (length - 1) * stride >= input + pad ? length - 1 : length;
}
