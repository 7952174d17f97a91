import { sharedWorkspace } from './control';
import { keep, PIECE, put, sumLanes } from './vector';

@unmanaged
class ReduceArguments {
  x: usize;
  y: usize;
  axis: i32;
  inner: i32;
  chunks: i32; // of a row (inner = 1), or of 16 inner positions
  chunk: i32; // length of a chunk of a row
  alpha: f32;
  accumulate: i32;
  method: i32; // 0 sum, 1 asum, 2 sumsq
}

// @ts-ignore: decorator
@inline
function term(method: i32, v: v128): v128 {
  if (method == 0) return v;
  return method == 1 ? f32x4.abs(v) : f32x4.mul(v, v);
}

/** Σ over contiguous values: in f32 over pieces, the pieces' sums in f64. */
function sumRow(method: i32, x: usize, count: i32): f64 {
  let total: f64 = 0;
  for (let start = 0; start < count; start += PIECE) {
    const n = min(PIECE, count - start);
    const at = x + (<usize>start << 2);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let i = 0;
    for (; i <= n - 16; i += 16) {
      const p = at + (<usize>i << 2);
      a = f32x4.add(a, term(method, v128.load(p)));
      b = f32x4.add(b, term(method, v128.load(p, 16)));
      c = f32x4.add(c, term(method, v128.load(p, 32)));
      d = f32x4.add(d, term(method, v128.load(p, 48)));
    }
    for (; i < n; i += 4) a = f32x4.add(a, term(method, keep(v128.load(at + (<usize>i << 2)), n - i)));
    total += <f64>sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  return total;
}

// @ts-ignore: decorator
@inline
function finish(a: ReduceArguments, to: usize, sum: f64): void {
  const value = <f64>a.alpha * sum;
  store<f32>(to, <f32>(a.accumulate ? <f64>load<f32>(to) + value : value));
}

/** Rows of `axis` contiguous values (inner = 1). */
export function reduceRows(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<ReduceArguments>(args);
  for (let row = begin; row < end; row++) {
    const sum = sumRow(a.method, a.x + ((<usize>row * <usize>a.axis) << 2), a.axis);
    finish(a, a.y + (<usize>row << 2), sum);
  }
}

/** Chunks of long rows: partial sums to the shared workspace. */
export function reduceChunks(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<ReduceArguments>(args);
  for (let item = begin; item < end; item++) {
    const row = item / a.chunks;
    const start = (item % a.chunks) * a.chunk;
    const x = a.x + ((<usize>row * <usize>a.axis + <usize>start) << 2);
    store<f64>(sharedWorkspace() + (<usize>item << 3), sumRow(a.method, x, min(a.chunk, a.axis - start)));
  }
}

/** Rows of chunks: the partial sums in order. */
export function reducePartials(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<ReduceArguments>(args);
  for (let row = begin; row < end; row++) {
    let sum: f64 = 0;
    for (let k = 0; k < a.chunks; k++) {
      sum += load<f64>(sharedWorkspace() + ((<usize>row * <usize>a.chunks + <usize>k) << 3));
    }
    finish(a, a.y + (<usize>row << 2), sum);
  }
}

/** Groups of 16 neighbouring inner positions, summed over the axis in f64. */
export function reduceColumns(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<ReduceArguments>(args);
  const inner = a.inner;
  const alpha = f64x2.splat(<f64>a.alpha);
  for (let item = begin; item < end; item++) {
    const o = item / a.chunks;
    const first = (item % a.chunks) * 16;
    const last = min(first + 16, inner);
    for (let i = first; i < last; i += 4) {
      let low = f64x2.splat(0);
      let high = low;
      let x = a.x + ((<usize>o * <usize>a.axis * <usize>inner + <usize>i) << 2);
      for (let k = 0; k < a.axis; k++) {
        const v = term(a.method, v128.load(x));
        low = f64x2.add(low, f64x2.promote_low_f32x4(v));
        high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
        x += <usize>inner << 2;
      }
      low = f64x2.mul(low, alpha);
      high = f64x2.mul(high, alpha);
      const to = a.y + ((<usize>o * <usize>inner + <usize>i) << 2);
      if (a.accumulate) {
        const v = v128.load(to);
        low = f64x2.add(low, f64x2.promote_low_f32x4(v));
        high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
      }
      const y = v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
      put(to, y, last - i);
    }
  }
}
