// libjpeg's accurate integer transform ("islow") as libjpeg-turbo does it with SIMD: products of pairs of 16-bit numbers
// summed in 32 bits, saturated to 16 bits after each pass. Constants times 2¹³.

const F0298: i16 = 2446;
const F0390: i16 = 3196;
const F0541: i16 = 4433;
const F0765: i16 = 6270;
const F0899: i16 = 7373;
const F1175: i16 = 9633;
const F1501: i16 = 12299;
const F1847: i16 = 15137;
const F1961: i16 = 16069;
const F2053: i16 = 16819;
const F2562: i16 = 20995;
const F3072: i16 = 25172;

@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** A 32-bit number of each of four 16-bit ones, times 2¹³. */
@inline
function scaledLow(a: v128): v128 {
  return i32x4.shl(i32x4.extend_low_i16x8_s(a), 13);
}

@inline
function scaledHigh(a: v128): v128 {
  return i32x4.shl(i32x4.extend_high_i16x8_s(a), 13);
}

@inline
function storeEnds(even0: v128, even1: v128, odd0: v128, odd1: v128, first: usize, last: usize, shift: i32): void {
  const sum0 = i32x4.shr_s(i32x4.add(even0, odd0), shift);
  const sum1 = i32x4.shr_s(i32x4.add(even1, odd1), shift);
  v128.store(first, i16x8.narrow_i32x4_s(sum0, sum1));
  const less0 = i32x4.shr_s(i32x4.sub(even0, odd0), shift);
  const less1 = i32x4.shr_s(i32x4.sub(even1, odd1), shift);
  v128.store(last, i16x8.narrow_i32x4_s(less0, less1));
}

/** One pass over the columns of 8 rows of 16-bit numbers, in place. */
@inline
function pass(block: usize, shift: i32): void {
  const in0 = v128.load(block);
  const in1 = v128.load(block, 16);
  const in2 = v128.load(block, 32);
  const in3 = v128.load(block, 48);
  const in4 = v128.load(block, 64);
  const in5 = v128.load(block, 80);
  const in6 = v128.load(block, 96);
  const in7 = v128.load(block, 112);
  const rounding = i32x4.splat(1 << (shift - 1));

  const low26 = low(in2, in6);
  const high26 = high(in2, in6);
  const f3 = i16x8(
    F0541 + F0765, F0541, F0541 + F0765, F0541, F0541 + F0765, F0541, F0541 + F0765, F0541,
  );
  const f2 = i16x8(
    F0541, F0541 - F1847, F0541, F0541 - F1847, F0541, F0541 - F1847, F0541, F0541 - F1847,
  );
  const sum = i16x8.add(in0, in4);
  const less = i16x8.sub(in0, in4);
  const sum0 = i32x4.add(scaledLow(sum), rounding);
  const sum1 = i32x4.add(scaledHigh(sum), rounding);
  const less0 = i32x4.add(scaledLow(less), rounding);
  const less1 = i32x4.add(scaledHigh(less), rounding);
  const t30 = i32x4.dot_i16x8_s(low26, f3);
  const t31 = i32x4.dot_i16x8_s(high26, f3);
  const t20 = i32x4.dot_i16x8_s(low26, f2);
  const t21 = i32x4.dot_i16x8_s(high26, f2);

  const z3 = i16x8.add(in7, in3);
  const z4 = i16x8.add(in5, in1);
  const lowZ = low(z3, z4);
  const highZ = high(z3, z4);
  const fz3 = i16x8(
    F1175 - F1961, F1175, F1175 - F1961, F1175, F1175 - F1961, F1175, F1175 - F1961, F1175,
  );
  const fz4 = i16x8(
    F1175, F1175 - F0390, F1175, F1175 - F0390, F1175, F1175 - F0390, F1175, F1175 - F0390,
  );
  const z30 = i32x4.dot_i16x8_s(lowZ, fz3);
  const z31 = i32x4.dot_i16x8_s(highZ, fz3);
  const z40 = i32x4.dot_i16x8_s(lowZ, fz4);
  const z41 = i32x4.dot_i16x8_s(highZ, fz4);

  const low71 = low(in7, in1);
  const high71 = high(in7, in1);
  const fo0 = i16x8(
    F0298 - F0899, -F0899, F0298 - F0899, -F0899, F0298 - F0899, -F0899, F0298 - F0899, -F0899,
  );
  const fo3 = i16x8(
    -F0899, F1501 - F0899, -F0899, F1501 - F0899, -F0899, F1501 - F0899, -F0899, F1501 - F0899,
  );
  const low53 = low(in5, in3);
  const high53 = high(in5, in3);
  const fo1 = i16x8(
    F2053 - F2562, -F2562, F2053 - F2562, -F2562, F2053 - F2562, -F2562, F2053 - F2562, -F2562,
  );
  const fo2 = i16x8(
    -F2562, F3072 - F2562, -F2562, F3072 - F2562, -F2562, F3072 - F2562, -F2562, F3072 - F2562,
  );
  const o00 = i32x4.add(i32x4.dot_i16x8_s(low71, fo0), z30);
  const o01 = i32x4.add(i32x4.dot_i16x8_s(high71, fo0), z31);
  const o30 = i32x4.add(i32x4.dot_i16x8_s(low71, fo3), z40);
  const o31 = i32x4.add(i32x4.dot_i16x8_s(high71, fo3), z41);
  const o10 = i32x4.add(i32x4.dot_i16x8_s(low53, fo1), z40);
  const o11 = i32x4.add(i32x4.dot_i16x8_s(high53, fo1), z41);
  const o20 = i32x4.add(i32x4.dot_i16x8_s(low53, fo2), z30);
  const o21 = i32x4.add(i32x4.dot_i16x8_s(high53, fo2), z31);

  storeEnds(i32x4.add(sum0, t30), i32x4.add(sum1, t31), o30, o31, block, block + 112, shift);
  storeEnds(i32x4.add(less0, t20), i32x4.add(less1, t21), o20, o21, block + 16, block + 96, shift);
  storeEnds(i32x4.sub(less0, t20), i32x4.sub(less1, t21), o10, o11, block + 32, block + 80, shift);
  storeEnds(i32x4.sub(sum0, t30), i32x4.sub(sum1, t31), o00, o01, block + 48, block + 64, shift);
}

/** 8 rows of 16-bit numbers, rows and columns exchanged, in place. */
@inline
function transpose(block: usize): void {
  const in0 = v128.load(block);
  const in1 = v128.load(block, 16);
  const in2 = v128.load(block, 32);
  const in3 = v128.load(block, 48);
  const in4 = v128.load(block, 64);
  const in5 = v128.load(block, 80);
  const in6 = v128.load(block, 96);
  const in7 = v128.load(block, 112);
  // Rows i and i + 4 interleaved, three times.
  const a0 = low(in0, in4);
  const a1 = high(in0, in4);
  const a2 = low(in1, in5);
  const a3 = high(in1, in5);
  const a4 = low(in2, in6);
  const a5 = high(in2, in6);
  const a6 = low(in3, in7);
  const a7 = high(in3, in7);
  const b0 = low(a0, a4);
  const b1 = high(a0, a4);
  const b2 = low(a1, a5);
  const b3 = high(a1, a5);
  const b4 = low(a2, a6);
  const b5 = high(a2, a6);
  const b6 = low(a3, a7);
  const b7 = high(a3, a7);
  v128.store(block, low(b0, b4));
  v128.store(block, high(b0, b4), 16);
  v128.store(block, low(b1, b5), 32);
  v128.store(block, high(b1, b5), 48);
  v128.store(block, low(b2, b6), 64);
  v128.store(block, high(b2, b6), 80);
  v128.store(block, low(b3, b7), 96);
  v128.store(block, high(b3, b7), 112);
}

/** Samples of a block of dequantized coefficients, into 8 rows of `out`; the block is zero afterwards. */
export function inverseTransform(block: usize, out: usize, stride: usize): void {
  pass(block, 11);
  transpose(block);
  pass(block, 18);
  transpose(block);
  const middle = i8x16.splat(-128);
  const zero = i64x2.splat(0);
  for (let y: usize = 0; y < 8; y += 2) {
    const rows = i8x16.narrow_i16x8_s(v128.load(block + 16 * y), v128.load(block + 16 * y + 16));
    const samples = v128.xor(rows, middle); // + 128
    v128.store64_lane(out + y * stride, samples, 0);
    v128.store64_lane(out + (y + 1) * stride, samples, 1);
    v128.store(block + 16 * y, zero);
    v128.store(block + 16 * y, zero, 16);
  }
}

/** The same for a block with nothing but a mean. */
export function inverseTransformOfMean(block: usize, out: usize, stride: usize): void {
  const value = (<i32>(<i16>(load<i16>(block) << 2)) + 16) >> 5;
  const samples = i8x16.splat(<u8>(min(127, max(-128, value)) + 128));
  for (let y: usize = 0; y < 8; y++) v128.store64_lane(out + y * stride, samples, 0);
  store<i16>(block, 0);
}
