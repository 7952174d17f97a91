import { madd } from './math';

// The register tile: 4 rows × 8 columns, eight accumulators. It is as large as V8's allocator can hold without spilling:
// it loads everything a step needs (4 splats, 2 vectors) before it starts to multiply. Larger tiles and unrolled loops
// were measured at half the speed for that reason.

/** What happens to the tile's sums: written, or added to what is there. */
export const STORE = 0;
export const ADD = 1;

/** Writes a tile's four rows of eight. */
// @ts-ignore: decorator
@inline
export function putTile(
  r0: usize, r1: usize, r2: usize, r3: usize,
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128,
): void {
  v128.store(r0, c00);
  v128.store(r0, c01, 16);
  v128.store(r1, c10);
  v128.store(r1, c11, 16);
  v128.store(r2, c20);
  v128.store(r2, c21, 16);
  v128.store(r3, c30);
  v128.store(r3, c31, 16);
}

/**
 * c[4][8] = or += Σ over k of a[k][4]·b[k][8], both packed; k ≥ 1. Rows of c lie `stride` bytes apart.
 */
// @ts-ignore: decorator
@inline
export function packedTile(a: usize, b: usize, k: i32, c: usize, stride: usize, mode: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  do {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    a += 16;
    b += 32;
  } while (--k);
  const d1 = c + stride, d2 = d1 + stride, d3 = d2 + stride;
  if (mode == ADD) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(d1));
    c11 = f32x4.add(c11, v128.load(d1, 16));
    c20 = f32x4.add(c20, v128.load(d2));
    c21 = f32x4.add(c21, v128.load(d2, 16));
    c30 = f32x4.add(c30, v128.load(d3));
    c31 = f32x4.add(c31, v128.load(d3, 16));
  }
  putTile(c, d1, d2, d3, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** Flags of `offsetTile`: add to what is there, then y = max(y, 0) + slope·min(y, 0). */
export const RELU = 2;

// @ts-ignore: decorator
@inline
function rectify(v: v128, slopes: v128): v128 {
  const zero = f32x4.splat(0);
  return f32x4.add(f32x4.max(v, zero), f32x4.mul(slopes, f32x4.min(v, zero)));
}

/**
 * Rows of 4 values at `out0` and `out1`, `stride` bytes from row to row: (bias[row] +) Σ over k of a[k][row]·(the four
 * values at base0 + offsets[k], and at base1 + offsets[k]). It is the packed product without packing: a convolution's
 * input values lie at the same offsets from every output position. k ≥ 1.
 */
// @ts-ignore: decorator
@inline
export function offsetTile(
  a: usize, base0: usize, base1: usize, offsets: usize, k: i32,
  out0: usize, out1: usize, stride: usize, bias: usize, flags: i32, slope: f32,
): void {
  let c00 = f32x4.splat(0), c10 = c00, c20 = c00, c30 = c00;
  if (bias) {
    c00 = v128.load_splat<f32>(bias);
    c10 = v128.load_splat<f32>(bias, 4);
    c20 = v128.load_splat<f32>(bias, 8);
    c30 = v128.load_splat<f32>(bias, 12);
  }
  let c01 = c00, c11 = c10, c21 = c20, c31 = c30;
  do {
    const at = load<usize>(offsets);
    const b0 = v128.load(base0 + at), b1 = v128.load(base1 + at);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    a += 16;
    offsets += 4;
  } while (--k);
  const s2 = stride + stride, s3 = s2 + stride;
  if (flags & ADD) {
    c00 = f32x4.add(c00, v128.load(out0));
    c01 = f32x4.add(c01, v128.load(out1));
    c10 = f32x4.add(c10, v128.load(out0 + stride));
    c11 = f32x4.add(c11, v128.load(out1 + stride));
    c20 = f32x4.add(c20, v128.load(out0 + s2));
    c21 = f32x4.add(c21, v128.load(out1 + s2));
    c30 = f32x4.add(c30, v128.load(out0 + s3));
    c31 = f32x4.add(c31, v128.load(out1 + s3));
  }
  if (flags & RELU) {
    const slopes = f32x4.splat(slope);
    c00 = rectify(c00, slopes);
    c01 = rectify(c01, slopes);
    c10 = rectify(c10, slopes);
    c11 = rectify(c11, slopes);
    c20 = rectify(c20, slopes);
    c21 = rectify(c21, slopes);
    c30 = rectify(c30, slopes);
    c31 = rectify(c31, slopes);
  }
  v128.store(out0, c00);
  v128.store(out1, c01);
  v128.store(out0 + stride, c10);
  v128.store(out1 + stride, c11);
  v128.store(out0 + s2, c20);
  v128.store(out1 + s2, c21);
  v128.store(out0 + s3, c30);
  v128.store(out1 + s3, c31);
}

/** The same for one row and four groups of four positions, each with a place of its own in the result. */
// @ts-ignore: decorator
@inline
export function offsetRow(
  a: usize, base0: usize, base1: usize, base2: usize, base3: usize, offsets: usize, k: i32,
  out0: usize, out1: usize, out2: usize, out3: usize, bias: usize, flags: i32, slope: f32,
): void {
  let c0 = f32x4.splat(0);
  if (bias) c0 = v128.load_splat<f32>(bias);
  let c1 = c0, c2 = c0, c3 = c0;
  do {
    const at = load<usize>(offsets);
    const v = v128.load_splat<f32>(a);
    c0 = madd(v, v128.load(base0 + at), c0);
    c1 = madd(v, v128.load(base1 + at), c1);
    c2 = madd(v, v128.load(base2 + at), c2);
    c3 = madd(v, v128.load(base3 + at), c3);
    a += 4;
    offsets += 4;
  } while (--k);
  if (flags & RELU) {
    const slopes = f32x4.splat(slope);
    c0 = rectify(c0, slopes);
    c1 = rectify(c1, slopes);
    c2 = rectify(c2, slopes);
    c3 = rectify(c3, slopes);
  }
  v128.store(out0, c0);
  v128.store(out1, c1);
  v128.store(out2, c2);
  v128.store(out3, c3);
}
