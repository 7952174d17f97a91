@unmanaged
class FillArguments {
  y: usize;
  value: f32;
}

/** y[i] = value for begin ≤ i < end. */
export function fill(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<FillArguments>(args);
  const y = a.y;
  const value = f32x4.splat(a.value);
  let i = begin;
  for (; i <= end - 4; i += 4) v128.store(y + (<usize>i << 2), value);
  for (; i < end; i++) store<f32>(y + (<usize>i << 2), a.value);
}
