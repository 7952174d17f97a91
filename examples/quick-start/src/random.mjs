/**
 * Seeded random numbers (mulberry32): the same seed draws the same pictures on every machine.
 * @param {number} seed any integer
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  /** Uniform in [0, 1). */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    integer: (count) => Math.floor(next() * count),
    chance: (probability) => next() < probability,
    /** Nearly normal with mean 0 and deviation 1: the sum of three uniforms, brought to deviation 1. */
    normal: () => (next() + next() + next() - 1.5) * 2,
    color: () => [next() * 255, next() * 255, next() * 255],
  };
}
