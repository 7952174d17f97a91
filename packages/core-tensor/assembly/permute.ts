@unmanaged
class PermuteArguments {
  x: usize;
  y: usize;
  table: usize; // pairs (length, stride in x) of y's outer axes, outermost first
  outerAxes: i32;
  length: i32; // of y's last axis
  stride: i32; // in x
}

/** Rows along y's last axis. */
export function permute(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PermuteArguments>(args);
  const n = a.length;
  const step = <usize>a.stride << 2;
  for (let row = begin; row < end; row++) {
    let rest = row;
    let source: usize = 0;
    for (let axis = a.outerAxes - 1; axis >= 0; axis--) {
      const entry = a.table + (<usize>axis << 3);
      const length = load<i32>(entry);
      source += <usize>(rest % length) * <usize>load<i32>(entry, 4);
      rest /= length;
    }
    let x = a.x + (source << 2);
    const y = a.y + ((<usize>row * <usize>n) << 2);
    if (a.stride == 1 && n >= 16) {
      memory.copy(y, x, <usize>n << 2);
      continue;
    }
    for (let i = 0; i < n; i++) {
      store<f32>(y + (<usize>i << 2), load<f32>(x));
      x += step;
    }
  }
}
