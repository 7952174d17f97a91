import { madd } from './math';

// The register tile: 4 rows × 8 columns, eight accumulators. It is as large as V8's allocator can hold without spilling:
// it loads everything a step needs (4 splats, 2 vectors) before it starts to multiply. Larger tiles and unrolled loops
// were measured at half the speed for that reason.

/** What happens to the tile's sums: written, or added to what is there. */
export const STORE = 0;
export const ADD = 1;

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
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(d1, c10);
  v128.store(d1, c11, 16);
  v128.store(d2, c20);
  v128.store(d2, c21, 16);
  v128.store(d3, c30);
  v128.store(d3, c31, 16);
}
