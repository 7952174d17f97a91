// libjpeg's "fancy" upsampling: a triangle filter. Edges repeat the outermost sample, which gives libjpeg's own values.

/** Sums 3·near + far of a row into 16-bit numbers at `sums`, one more before and behind; `first` to `end` even to 8. */
function sumRows(near: usize, far: usize, sums: usize, first: i32, end: i32, width: i32): void {
  const three = i16x8.splat(3);
  for (let x = first; x < end; x += 8) {
    const a = v128.load_ext<u8>(near + x);
    const b = v128.load_ext<u8>(far + x);
    v128.store(sums + 2 * x, i16x8.add(i16x8.mul(a, three), b));
  }
  if (first == 0) store<i16>(sums - 2, load<i16>(sums));
  if (end >= width) store<i16>(sums + 2 * width, load<i16>(sums + 2 * (width - 1)));
}

/** Doubles the width of 16-bit sums: (3·here + neighbour + rounding) >> shift, into bytes. */
@inline
function widen(sums: usize, out: usize, first: i32, end: i32, left: i16, right: i16, shift: i32): void {
  const three = i16x8.splat(3);
  const roundLeft = i16x8.splat(left);
  const roundRight = i16x8.splat(right);
  for (let x = first; x < end; x += 8) {
    const at = sums + 2 * x;
    const here = i16x8.mul(v128.load(at), three);
    const even = i16x8.shr_u(i16x8.add(i16x8.add(here, v128.load(at - 2)), roundLeft), shift);
    const odd = i16x8.shr_u(i16x8.add(i16x8.add(here, v128.load(at + 2)), roundRight), shift);
    v128.store(out + 2 * x, v128.or(even, i16x8.shl(odd, 8)));
  }
}

/** Doubles the width of the samples first ≤ x < end of two rows mixed 3 : 1 (h2v2_fancy_upsample). */
export function doubleBoth(near: usize, far: usize, sums: usize, out: usize, first: i32, end: i32, width: i32): void {
  const from = max(0, first - 8);
  const to = min(end + 8, (width + 7) & ~7);
  sumRows(near, far, sums, from, to, width);
  widen(sums, out, first, end, 8, 7, 4);
}

/** Doubles the width of a row (h2v1_fancy_upsample). */
export function doubleWidth(row: usize, sums: usize, out: usize, first: i32, end: i32, width: i32): void {
  const from = max(0, first - 8);
  const to = min(end + 8, (width + 7) & ~7);
  for (let x = from; x < to; x += 8) v128.store(sums + 2 * x, v128.load_ext<u8>(row + x));
  if (from == 0) store<i16>(sums - 2, load<i16>(sums));
  if (to >= width) store<i16>(sums + 2 * width, load<i16>(sums + 2 * (width - 1)));
  widen(sums, out, first, end, 1, 2, 2);
}

/** Doubles the width by saying each sample twice (h2v1_upsample). */
export function repeatWidth(row: usize, out: usize, first: i32, end: i32): void {
  for (let x = first; x < end; x += 8) {
    const samples = v128.load64_zero(row + x);
    v128.store(out + 2 * x, v128.shuffle<u8>(samples, samples, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
  }
}
