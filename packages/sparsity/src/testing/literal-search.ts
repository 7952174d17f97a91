const { fround } = Math;

/** The spec's channel-wise search as it stands: every trial counts zeros. The judge of `channelThreshold`. */
export function literalChannelThreshold(w: Float32Array, frac: number, maxratio: number, valueMax: number): number {
  let max = -Infinity;
  let min = Infinity;
  for (const value of w) {
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  const maxAbs = Math.max(Math.abs(max), Math.abs(min));
  const step = fround(maxAbs * fround(1e-7));
  const maxThr = Math.min(fround(valueMax), fround(maxAbs * fround(maxratio)), maxAbs);
  const f = fround(frac);
  const n = w.length;
  let sel = 0;
  for (let gran = 1000, pass = 0; gran >= 1; gran /= 10, pass++) {
    const s = fround(step * gran);
    const range = fround(fround(s * 10) * 2);
    const start = sel;
    const lo = pass > 0 ? Math.max(fround(start - range), 0) : 0;
    const hi = pass > 0 ? fround(start + range) : maxThr;
    for (let t = lo; t < hi && t < maxThr; t = fround(t + s)) {
      let zeros = 0;
      for (const value of w) if (value <= t && value >= -t) zeros++;
      if (fround(zeros / n) <= f) sel = t;
      else break;
    }
  }
  return sel;
}

/** The layer-wise search of 0.16 as it stands. */
export function literalLayerThreshold(
  w: Float32Array,
  frac: number,
  maxratio: number,
  valueMax: number,
  factor: number,
): number {
  let maxAbs = 0;
  for (const value of w) maxAbs = Math.max(maxAbs, Math.abs(value));
  const step = fround(maxAbs * fround(factor));
  const cap = Math.min(fround(valueMax), fround(maxAbs * fround(maxratio)));
  const f = fround(frac);
  const fits = (t: number): boolean => {
    let zeros = 0;
    for (const value of w) if (value <= t && value >= -t) zeros++;
    return fround(zeros / w.length) <= f;
  };
  const coarse = fround(step * 100);
  let near = 0;
  for (let t = 0; t < maxAbs && t < cap; t = fround(t + coarse)) {
    if (fits(t)) near = t;
    else break;
  }
  let sel = 0;
  const end = fround(near + coarse);
  for (let t = Math.max(fround(near - coarse), 0); t < end && t < maxAbs && t < cap; t = fround(t + step)) {
    if (fits(t)) sel = t;
    else break;
  }
  return sel;
}
