const { fround } = Math;
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
/** Distance of neighbouring floats by their exponent's bits. */
const ulps = Float64Array.from({ length: 256 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 150));

/**
 * The last value below `limit` of the sequence start, start ⊕ step, (start ⊕ step) ⊕ step, … in float32 additions, or
 * undefined where `start` is not below it. All arguments are float32 values, start ≥ 0, step ≥ 0.
 *
 * Between two powers of two all floats have one distance, so that every addition there adds the same: such stretches
 * are jumped over, and the sequence's rounding is kept exactly without walking it.
 */
export function lastStepBelow(start: number, step: number, limit: number): number | undefined {
  if (!(start < limit)) return undefined;
  let at = start;
  for (;;) {
    const next = fround(at + step);
    if (!(next < limit) || next === at) return at;
    float[0] = next;
    const exponent = bits[0]! >>> 23;
    at = next;
    if (exponent === 0 || exponent === 255) continue;
    const ulp = ulps[exponent]!;
    const steps = step / ulp;
    const whole = Math.floor(steps);
    if (steps - whole === 0.5) continue; // a tie: rounding alternates
    const added = (steps - whole > 0.5 ? whole + 1 : whole) * ulp;
    const end = Math.min(limit, ulp * 16777216);
    const count = Math.floor((end - next) / added) - 1;
    if (count > 0) at = next + count * added; // exact: below 2^24 ulps
  }
}
