import { put } from './vector';

@unmanaged
class DropoutArguments {
  x: usize;
  y: usize;
  mask: usize;
  seedLow: u32;
  seedHigh: u32;
  stream: u32;
  drawLow: u32;
  drawHigh: u32;
  threshold: u32;
  kept: f32;
}

@unmanaged
class ProductArguments {
  a: usize;
  b: usize;
  y: usize;
}

/** Upper halves of the 64-bit products of unsigned lanes. */
// @ts-ignore: decorator
@inline
function mulHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
}

/**
 * mask = random word of i at least the threshold ? kept : 0; y = x·mask. Words as randomAt in src/random.ts gives them
 * (Philox-4x32-10): lane k of a step computes the block with counter i/4 + k, whose four words belong to i … i+3.
 */
export function dropout(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<DropoutArguments>(args);
  const multiplierA = i32x4.splat(0xd2511f53);
  const multiplierB = i32x4.splat(0xcd9e8d57);
  const threshold = i32x4.splat(s.threshold);
  const kept = f32x4.splat(s.kept);
  for (let i = begin; i < end; i += 16) {
    let a = i32x4.add(i32x4.splat(i >> 2), i32x4(0, 1, 2, 3));
    let b = i32x4.splat(s.drawLow);
    let c = i32x4.splat(s.stream);
    let d = i32x4.splat(s.drawHigh);
    let k0 = s.seedLow;
    let k1 = s.seedHigh;
    for (let round = 0; round < 10; round++) {
      const nextA = v128.xor(v128.xor(mulHigh(multiplierB, c), b), i32x4.splat(k0));
      const nextC = v128.xor(v128.xor(mulHigh(multiplierA, a), d), i32x4.splat(k1));
      b = i32x4.mul(multiplierB, c);
      d = i32x4.mul(multiplierA, a);
      a = nextA;
      c = nextC;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    drop(s, v128.shuffle<i64>(ab, cd, 0, 2), threshold, kept, i, end);
    drop(s, v128.shuffle<i64>(ab, cd, 1, 3), threshold, kept, i + 4, end);
    drop(s, v128.shuffle<i64>(ab2, cd2, 0, 2), threshold, kept, i + 8, end);
    drop(s, v128.shuffle<i64>(ab2, cd2, 1, 3), threshold, kept, i + 12, end);
  }
}

// @ts-ignore: decorator
@inline
function drop(s: DropoutArguments, words: v128, threshold: v128, kept: v128, i: i32, end: i32): void {
  if (i >= end) return;
  const at = <usize>i << 2;
  const mask = v128.and(i32x4.ge_u(words, threshold), kept);
  const x = v128.load(s.x + at);
  put(s.mask + at, mask, end - i);
  put(s.y + at, f32x4.mul(x, mask), end - i);
}

/** y = a·b; y may be one of them. */
export function dropoutBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const s = changetype<ProductArguments>(args);
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i << 2;
    put(s.y + at, f32x4.mul(v128.load(s.a + at), v128.load(s.b + at)), end - i);
  }
}
