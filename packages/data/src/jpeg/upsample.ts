/** A component's samples; rows are `stride` apart. */
export interface Plane {
  width: number;
  height: number;
  stride: number;
  samples: Uint8ClampedArray;
}

/** Doubles the width by libjpeg's "fancy" (triangle) filter, row by row (h2v1_fancy_upsample). */
export function doubleWidth(plane: Plane): Plane {
  const { width, height, stride, samples } = plane;
  const out = new Uint8ClampedArray(2 * width * height);
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    let at = 2 * width * y;
    if (width <= 2) {
      for (let x = 0; x < width; x++, at += 2) out.fill(samples[row + x]!, at, at + 2);
      continue;
    }
    for (let x = 0; x < width; x++) {
      const here = samples[row + x]!;
      out[at++] = x === 0 ? here : (3 * here + samples[row + x - 1]! + 1) >> 2;
      out[at++] = x === width - 1 ? here : (3 * here + samples[row + x + 1]! + 2) >> 2;
    }
  }
  return { width: 2 * width, height, stride: 2 * width, samples: out };
}

/** Doubles both sides by libjpeg's "fancy" filter (h2v2_fancy_upsample). */
export function doubleBoth(plane: Plane): Plane {
  const { width, height, stride, samples } = plane;
  const out = new Uint8ClampedArray(4 * width * height);
  const sums = new Int32Array(width);
  for (let y = 0; y < 2 * height; y++) {
    const near = y >> 1;
    const far = Math.min(height - 1, Math.max(0, (y & 1) === 0 ? near - 1 : near + 1));
    let at = 2 * width * y;
    if (width <= 2) {
      for (let x = 0; x < width; x++, at += 2) out.fill(samples[near * stride + x]!, at, at + 2);
      continue;
    }
    for (let x = 0; x < width; x++) sums[x] = 3 * samples[near * stride + x]! + samples[far * stride + x]!;
    for (let x = 0; x < width; x++) {
      const here = sums[x]!;
      out[at++] = x === 0 ? (4 * here + 8) >> 4 : (3 * here + sums[x - 1]! + 8) >> 4;
      out[at++] = x === width - 1 ? (4 * here + 7) >> 4 : (3 * here + sums[x + 1]! + 7) >> 4;
    }
  }
  return { width: 2 * width, height: 2 * height, stride: 2 * width, samples: out };
}
