import { madd } from './math';

// Products with few rows: packing would cost more than it saves, so B is read once, where it lies.

@unmanaged
class ThinArguments {
  a: usize;
  b: usize;
  c: usize;
  m: i32;
  k: i32;
  /** Bytes between rows of a, and between values of a row. */
  aRow: usize;
  aDepth: usize;
  /** Bytes between rows of b as it lies (over k, or over n where b is transposed). */
  bRow: usize;
  cRow: usize;
  alpha: f32;
  beta: f32;
  rowBias: usize;
  columnBias: usize;
}

// @ts-ignore: decorator
@inline
function finish(p: ThinArguments, i: i32, j: i32, sum: f32): void {
  const c = p.c + <usize>i * p.cRow + (<usize>j << 2);
  let value = p.alpha * sum;
  if (p.beta != 0) value += p.beta * load<f32>(c);
  if (p.rowBias) value += load<f32>(p.rowBias + (<usize>j << 2));
  if (p.columnBias) value += load<f32>(p.columnBias + (<usize>i << 2));
  store<f32>(c, value);
}

/** B transposed (its rows run along k) and A's rows contiguous: a scalar product a value. Items are columns of C. */
export function gemmThinDot(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<ThinArguments>(args);
  const k = p.k;
  for (let j = begin; j < end; j++) {
    for (let i = 0; i < p.m; i++) {
      let a = p.a + <usize>i * p.aRow;
      let b = p.b + <usize>j * p.bRow;
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      let left = k;
      for (; left >= 16; left -= 16) {
        s0 = madd(v128.load(a), v128.load(b), s0);
        s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
        s2 = madd(v128.load(a, 32), v128.load(b, 32), s2);
        s3 = madd(v128.load(a, 48), v128.load(b, 48), s3);
        a += 64;
        b += 64;
      }
      s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
      let sum = f32x4.extract_lane(s0, 0) + f32x4.extract_lane(s0, 1);
      sum += f32x4.extract_lane(s0, 2) + f32x4.extract_lane(s0, 3);
      for (; left > 0; left--) {
        sum += load<f32>(a) * load<f32>(b);
        a += 4;
        b += 4;
      }
      finish(p, i, j, sum);
    }
  }
}

/** B as it is (its rows run along n): a row of C at a time is summed in registers. Items are columns. */
export function gemmThinRows(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<ThinArguments>(args);
  const k = p.k, aDepth = p.aDepth, bRow = p.bRow;
  let j = begin;
  for (; j <= end - 16; j += 16) {
    for (let i = 0; i < p.m; i++) {
      let a = p.a + <usize>i * p.aRow;
      let b = p.b + (<usize>j << 2);
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let left = k; left > 0; left--) {
        const v = v128.load_splat<f32>(a);
        s0 = madd(v, v128.load(b), s0);
        s1 = madd(v, v128.load(b, 16), s1);
        s2 = madd(v, v128.load(b, 32), s2);
        s3 = madd(v, v128.load(b, 48), s3);
        a += aDepth;
        b += bRow;
      }
      finish4(p, i, j, s0);
      finish4(p, i, j + 4, s1);
      finish4(p, i, j + 8, s2);
      finish4(p, i, j + 12, s3);
    }
  }
  for (; j < end; j++) {
    for (let i = 0; i < p.m; i++) {
      let a = p.a + <usize>i * p.aRow;
      let b = p.b + (<usize>j << 2);
      let sum: f32 = 0;
      for (let left = k; left > 0; left--) {
        sum += load<f32>(a) * load<f32>(b);
        a += aDepth;
        b += bRow;
      }
      finish(p, i, j, sum);
    }
  }
}

function finish4(p: ThinArguments, i: i32, j: i32, sums: v128): void {
  finish(p, i, j, f32x4.extract_lane(sums, 0));
  finish(p, i, j + 1, f32x4.extract_lane(sums, 1));
  finish(p, i, j + 2, f32x4.extract_lane(sums, 2));
  finish(p, i, j + 3, f32x4.extract_lane(sums, 3));
}
