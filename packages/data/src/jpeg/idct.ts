/** libjpeg's accurate integer transform (jidctint.c, "islow"), constants times 2¹³. */
const f0298 = 2446;
const f0390 = 3196;
const f0541 = 4433;
const f0765 = 6270;
const f0899 = 7373;
const f1175 = 9633;
const f1501 = 12299;
const f1847 = 15137;
const f1961 = 16069;
const f2053 = 16819;
const f2562 = 20995;
const f3072 = 25172;

const even = new Int32Array(4);
const odd = new Int32Array(4);

/** The sums that both passes share: inputs at `at`, `at + step`, … of `block` into `even` and `odd`. */
function butterflies(block: Int32Array, at: number, step: number): void {
  const c2 = block[at + 2 * step]!;
  const c6 = block[at + 6 * step]!;
  const shared = (c2 + c6) * f0541;
  const e2 = shared - c6 * f1847;
  const e3 = shared + c2 * f0765;
  const e0 = (block[at]! + block[at + 4 * step]!) << 13;
  const e1 = (block[at]! - block[at + 4 * step]!) << 13;
  even[0] = e0 + e3;
  even[1] = e1 + e2;
  even[2] = e1 - e2;
  even[3] = e0 - e3;
  const t0 = block[at + 7 * step]!;
  const t1 = block[at + 5 * step]!;
  const t2 = block[at + 3 * step]!;
  const t3 = block[at + step]!;
  const z5 = (t0 + t2 + t1 + t3) * f1175;
  const z1 = (t0 + t3) * -f0899;
  const z2 = (t1 + t2) * -f2562;
  const z3 = (t0 + t2) * -f1961 + z5;
  const z4 = (t1 + t3) * -f0390 + z5;
  odd[0] = t0 * f0298 + z1 + z3;
  odd[1] = t1 * f2053 + z2 + z4;
  odd[2] = t2 * f3072 + z2 + z3;
  odd[3] = t3 * f1501 + z1 + z4;
}

/** Samples of a block of 64 dequantized coefficients (which are overwritten), into rows of `out` from `at` on. */
export function inverseTransform(block: Int32Array, out: Uint8ClampedArray, at: number, stride: number): void {
  for (let x = 0; x < 8; x++) {
    butterflies(block, x, 8);
    for (let i = 0; i < 4; i++) {
      const e = even[i]! + 1024; // rounding of a shift by 11
      const o = odd[3 - i]!;
      block[x + 8 * i] = (e + o) >> 11;
      block[x + 8 * (7 - i)] = (e - o) >> 11;
    }
  }
  for (let y = 0; y < 8; y++) {
    butterflies(block, 8 * y, 1);
    const row = at + y * stride;
    for (let i = 0; i < 4; i++) {
      const e = even[i]! + 131072 + 33554432; // rounding of a shift by 18, and 128
      const o = odd[3 - i]!;
      out[row + i] = (e + o) >> 18;
      out[row + 7 - i] = (e - o) >> 18;
    }
  }
}
