import { madd } from './math';
import { above } from './vector';

// The register tile of a sparse convolution: `n` neighbouring vectors of one output channel. Every weight that is not
// zero is loaded once and multiplies n vectors at its own place in the local input; the pattern costs two words a weight.
// V8 has 15 registers for vectors: 13 sums, a weight, an input. The loop takes one weight a turn: with two or more V8
// moves loads before products and spills. Offset and weight are one load of a whole number, for there are fewer loads of
// vectors a cycle than of numbers, and these are what the loop waits for.

/** Vectors of the largest and of the smallest tile. */
export const MOST: i32 = 13;
export const LEAST: i32 = 4;
/** Lapped lines of the largest tile. */
export const MOST_LINES: i32 = 4;

/** Modes: begin with the bias, else with what is there; end with ReLU (lapped tiles only). */
export const BEGIN: i32 = 1;
export const RELU: i32 = 2;

// A load that crosses from one line of the cache into the next costs two. In lapped lines, of 16 values, the last four are
// the next line's first ones: three vectors lie in one line up to four values to the right of its beginning.

/** out[n vectors] = (bias, or what is there) + Σ weight · (n vectors at base + offset), over a list {offset, weight}. */
// @ts-ignore: decorator
@inline
function tile(
  n: i32, lapped: bool, list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32,
): void {
  let c0 = f32x4.splat(bias);
  let c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0, c8 = c0, c9 = c0, c10 = c0, c11 = c0, c12 = c0;
  if (!(mode & BEGIN)) {
    c0 = v128.load(out);
    c1 = v128.load(out, 16);
    c2 = v128.load(out, 32);
    if (n > 3) c3 = v128.load(out, 48);
    if (n > 4) c4 = v128.load(out, 64);
    if (n > 5) c5 = v128.load(out, 80);
    if (n > 6) c6 = v128.load(out, 96);
    if (n > 7) c7 = v128.load(out, 112);
    if (n > 8) c8 = v128.load(out, 128);
    if (n > 9) c9 = v128.load(out, 144);
    if (n > 10) c10 = v128.load(out, 160);
    if (n > 11) c11 = v128.load(out, 176);
    if (n > 12) c12 = v128.load(out, 192);
  }
  while (list < end) {
    const pair = load<u64>(list);
    const at = base + <usize>pair;
    const w = i32x4.splat(<i32>(pair >> 32));
    c0 = madd(w, v128.load(at), c0);
    c1 = madd(w, v128.load(at, 16), c1);
    c2 = madd(w, v128.load(at, 32), c2);
    if (n > 3) c3 = madd(w, lapped ? v128.load(at, 64) : v128.load(at, 48), c3);
    if (n > 4) c4 = madd(w, lapped ? v128.load(at, 80) : v128.load(at, 64), c4);
    if (n > 5) c5 = madd(w, lapped ? v128.load(at, 96) : v128.load(at, 80), c5);
    if (n > 6) c6 = madd(w, lapped ? v128.load(at, 128) : v128.load(at, 96), c6);
    if (n > 7) c7 = madd(w, lapped ? v128.load(at, 144) : v128.load(at, 112), c7);
    if (n > 8) c8 = madd(w, lapped ? v128.load(at, 160) : v128.load(at, 128), c8);
    if (n > 9) c9 = madd(w, lapped ? v128.load(at, 192) : v128.load(at, 144), c9);
    if (n > 10) c10 = madd(w, lapped ? v128.load(at, 208) : v128.load(at, 160), c10);
    if (n > 11) c11 = madd(w, lapped ? v128.load(at, 224) : v128.load(at, 176), c11);
    if (n > 12) c12 = madd(w, v128.load(at, 192), c12);
    list += 8;
  }
  // Two branches: V8 would have the sums go through memory in the loop if ReLU came before one common store.
  if (lapped && mode & RELU) {
    const zero = f32x4.splat(0);
    v128.store(out, above(c0, zero));
    v128.store(out, above(c1, zero), 16);
    v128.store(out, above(c2, zero), 32);
    if (n > 3) v128.store(out, above(c3, zero), 48);
    if (n > 4) v128.store(out, above(c4, zero), 64);
    if (n > 5) v128.store(out, above(c5, zero), 80);
    if (n > 6) v128.store(out, above(c6, zero), 96);
    if (n > 7) v128.store(out, above(c7, zero), 112);
    if (n > 8) v128.store(out, above(c8, zero), 128);
    if (n > 9) v128.store(out, above(c9, zero), 144);
    if (n > 10) v128.store(out, above(c10, zero), 160);
    if (n > 11) v128.store(out, above(c11, zero), 176);
  } else {
    v128.store(out, c0);
    v128.store(out, c1, 16);
    v128.store(out, c2, 32);
    if (n > 3) v128.store(out, c3, 48);
    if (n > 4) v128.store(out, c4, 64);
    if (n > 5) v128.store(out, c5, 80);
    if (n > 6) v128.store(out, c6, 96);
    if (n > 7) v128.store(out, c7, 112);
    if (n > 8) v128.store(out, c8, 128);
    if (n > 9) v128.store(out, c9, 144);
    if (n > 10) v128.store(out, c10, 160);
    if (n > 11) v128.store(out, c11, 176);
    if (n > 12) v128.store(out, c12, 192);
  }
}

// Exported, else they would be inlined into one large function, for which there are too few registers.

export function sparseTile4(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(4, false, list, end, base, out, mode, bias);
}

export function sparseTile5(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(5, false, list, end, base, out, mode, bias);
}

export function sparseTile6(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(6, false, list, end, base, out, mode, bias);
}

export function sparseTile7(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(7, false, list, end, base, out, mode, bias);
}

export function sparseTile8(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(8, false, list, end, base, out, mode, bias);
}

export function sparseTile9(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(9, false, list, end, base, out, mode, bias);
}

export function sparseTile10(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(10, false, list, end, base, out, mode, bias);
}

export function sparseTile11(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(11, false, list, end, base, out, mode, bias);
}

export function sparseTile12(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(12, false, list, end, base, out, mode, bias);
}

export function sparseTile13(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(13, false, list, end, base, out, mode, bias);
}

export function sparseLapped3(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(3, true, list, end, base, out, mode, bias);
}

export function sparseLapped6(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(6, true, list, end, base, out, mode, bias);
}

export function sparseLapped9(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(9, true, list, end, base, out, mode, bias);
}

export function sparseLapped12(list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32): void {
  tile(12, true, list, end, base, out, mode, bias);
}

/** The tile of `vectors` vectors, LEAST to MOST. */
// @ts-ignore: decorator
@inline
export function sparseTile(
  vectors: i32, list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32,
): void {
  if (vectors == 13) sparseTile13(list, end, base, out, mode, bias);
  else if (vectors == 12) sparseTile12(list, end, base, out, mode, bias);
  else if (vectors == 11) sparseTile11(list, end, base, out, mode, bias);
  else if (vectors == 10) sparseTile10(list, end, base, out, mode, bias);
  else if (vectors == 9) sparseTile9(list, end, base, out, mode, bias);
  else if (vectors == 8) sparseTile8(list, end, base, out, mode, bias);
  else if (vectors == 7) sparseTile7(list, end, base, out, mode, bias);
  else if (vectors == 6) sparseTile6(list, end, base, out, mode, bias);
  else if (vectors == 5) sparseTile5(list, end, base, out, mode, bias);
  else sparseTile4(list, end, base, out, mode, bias);
}

/** The tile of so many lapped lines, 1 to MOST_LINES. */
// @ts-ignore: decorator
@inline
export function lappedTile(
  lines: i32, list: usize, end: usize, base: usize, out: usize, mode: i32, bias: f32,
): void {
  if (lines == 4) sparseLapped12(list, end, base, out, mode, bias);
  else if (lines == 3) sparseLapped9(list, end, base, out, mode, bias);
  else if (lines == 2) sparseLapped6(list, end, base, out, mode, bias);
  else sparseLapped3(list, end, base, out, mode, bias);
}
