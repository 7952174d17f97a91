import { putTile } from './tile';

// Codes lie as i16, channels last, so that a pair of neighbouring channels is one 32-bit word: i32x4.dot_i16x8_s does
// eight multiply-adds of such pairs. Sums are taken modulo 2^32; those who prepare check that no result needs more.

/**
 * Four pixels × eight outputs: out[pixel][8] = Σ over taps and pairs of x[pixel][tap][pair]·w[tap][pair][8]. Pixels of
 * `out` lie `stride` bytes apart; taps lie at `offsets` (bytes) from each pixel. Registers as in packedTile (tile.ts).
 */
// @ts-ignore: decorator
@inline
export function dotTile(
  w: usize, x0: usize, x1: usize, x2: usize, x3: usize, offsets: usize, taps: i32, pairs: i32, out: usize, stride: usize,
): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  do {
    const at = load<usize>(offsets);
    let a0 = x0 + at, a1 = x1 + at, a2 = x2 + at, a3 = x3 + at;
    let k = pairs;
    do {
      const w0 = v128.load(w), w1 = v128.load(w, 16);
      const v0 = v128.load_splat<u32>(a0);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(v0, w0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(v0, w1));
      const v1 = v128.load_splat<u32>(a1);
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(v1, w0));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(v1, w1));
      const v2 = v128.load_splat<u32>(a2);
      c20 = i32x4.add(c20, i32x4.dot_i16x8_s(v2, w0));
      c21 = i32x4.add(c21, i32x4.dot_i16x8_s(v2, w1));
      const v3 = v128.load_splat<u32>(a3);
      c30 = i32x4.add(c30, i32x4.dot_i16x8_s(v3, w0));
      c31 = i32x4.add(c31, i32x4.dot_i16x8_s(v3, w1));
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      w += 32;
    } while (--k);
    offsets += 4;
  } while (--taps);
  const d1 = out + stride, d2 = d1 + stride, d3 = d2 + stride;
  putTile(out, d1, d2, d3, c00, c01, c10, c11, c20, c21, c30, c31);
}
