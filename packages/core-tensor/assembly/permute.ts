import { put } from './vector';

@unmanaged
class TransposeArguments {
  x: usize;
  y: usize;
  table: usize; // as below, of the axes before the two that change places
  outerAxes: i32;
  length: i32; // of y's last axis
  stride: i32; // in x
  rows: i32; // length of the axis before it, whose stride in x is 1
  groups: i32; // of 16 rows
}

@unmanaged
class PermuteArguments {
  x: usize;
  y: usize;
  table: usize; // pairs (length, stride in x) of y's outer axes, outermost first
  outerAxes: i32;
  length: i32; // of y's last axis
  stride: i32; // in x
}

// @ts-ignore: decorator
@inline
function sourceOf(table: usize, outerAxes: i32, row: i32): usize {
  let rest = row;
  let source: usize = 0;
  for (let axis = outerAxes - 1; axis >= 0; axis--) {
    const entry = table + (<usize>axis << 3);
    const length = load<i32>(entry);
    source += <usize>(rest % length) * <usize>load<i32>(entry, 4);
    rest /= length;
  }
  return source;
}

/** Rows along y's last axis. */
export function permute(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PermuteArguments>(args);
  const n = a.length;
  const step = <usize>a.stride << 2;
  for (let row = begin; row < end; row++) {
    let x = a.x + (sourceOf(a.table, a.outerAxes, row) << 2);
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

/** Transposes: groups of 16 rows of y, which lie side by side in x (a cache line), in tiles of 4 by 4. */
export function transpose(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<TransposeArguments>(args);
  const n = a.length;
  const step = <usize>a.stride << 2;
  const line = <usize>n << 2;
  for (let item = begin; item < end; item++) {
    const matrix = item / a.groups;
    const first = (item % a.groups) * 16;
    const last = min(first + 16, a.rows);
    const x = a.x + (sourceOf(a.table, a.outerAxes, matrix) << 2);
    const y = a.y + <usize>matrix * <usize>a.rows * line;
    for (let j = 0; j < n; j += 4) {
      // Beyond the last column the last one is loaded again; those lanes are not stored.
      const p = x + <usize>j * step;
      const q = j + 1 < n ? p + step : p;
      const r = j + 2 < n ? q + step : q;
      const s = j + 3 < n ? r + step : r;
      for (let i = first; i < last; i += 4) {
        const at = <usize>i << 2;
        const u = v128.load(p + at);
        const v = v128.load(q + at);
        const w = v128.load(r + at);
        const z = v128.load(s + at);
        const uv = v128.shuffle<i32>(u, v, 0, 4, 1, 5);
        const wz = v128.shuffle<i32>(w, z, 0, 4, 1, 5);
        const uv2 = v128.shuffle<i32>(u, v, 2, 6, 3, 7);
        const wz2 = v128.shuffle<i32>(w, z, 2, 6, 3, 7);
        const to = y + <usize>i * line + (<usize>j << 2);
        put(to, v128.shuffle<i64>(uv, wz, 0, 2), n - j);
        if (i + 1 < last) put(to + line, v128.shuffle<i64>(uv, wz, 1, 3), n - j);
        if (i + 2 < last) put(to + 2 * line, v128.shuffle<i64>(uv2, wz2, 0, 2), n - j);
        if (i + 3 < last) put(to + 3 * line, v128.shuffle<i64>(uv2, wz2, 1, 3), n - j);
      }
    }
  }
}
