@unmanaged
class PackArguments {
  source: usize;
  target: usize;
  /** Vectors of the matrix (rows of A, columns of B), and their length. */
  count: i32;
  depth: i32;
  /** Bytes from one vector to the next, and from one value of a vector to the next; one of them is 4. */
  countStride: usize;
  depthStride: usize;
  scale: f32;
}

/** Four values that lie `stride` apart → columns: writes t[i][0…3] of a 4×4 transpose, rows of t `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function transpose4(p: usize, stride: usize, t: usize, step: usize, scale: v128): void {
  const r0 = v128.load(p), r1 = v128.load(p + stride);
  const r2 = v128.load(p + 2 * stride), r3 = v128.load(p + 3 * stride);
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(t, f32x4.mul(scale, v128.shuffle<f64>(a, c, 0, 2)));
  v128.store(t + step, f32x4.mul(scale, v128.shuffle<f64>(a, c, 1, 3)));
  v128.store(t + 2 * step, f32x4.mul(scale, v128.shuffle<f64>(b, d, 0, 2)));
  v128.store(t + 3 * step, f32x4.mul(scale, v128.shuffle<f64>(b, d, 1, 3)));
}

/** Packs panels of `width` vectors as panel[depth][width], zeros where vectors are missing. Items are panels. */
// @ts-ignore: decorator
@inline
function packPanels(args: usize, begin: i32, end: i32, width: i32): void {
  const p = changetype<PackArguments>(args);
  const depth = p.depth, countStride = p.countStride, depthStride = p.depthStride;
  const scale = p.scale, scales = f32x4.splat(scale);
  const step = <usize>width << 2;
  const panelBytes = <usize>depth * step;
  let full = p.count / width;
  if (full > end) full = end;
  if (countStride == 4) {
    for (let k = 0; k < depth; k++) {
      let from = p.source + <usize>k * depthStride + <usize>begin * step;
      let to = p.target + <usize>begin * panelBytes + <usize>k * step;
      for (let panel = begin; panel < full; panel++) {
        v128.store(to, f32x4.mul(scales, v128.load(from)));
        if (width == 8) v128.store(to, f32x4.mul(scales, v128.load(from, 16)), 16);
        from += step;
        to += panelBytes;
      }
    }
  } else {
    for (let panel = begin; panel < full; panel++) {
      let from = p.source + <usize>(panel * width) * countStride;
      let to = p.target + <usize>panel * panelBytes;
      let k = 0;
      for (; k <= depth - 4; k += 4) {
        transpose4(from, countStride, to, step, scales);
        if (width == 8) transpose4(from + 4 * countStride, countStride, to + 16, step, scales);
        from += 16;
        to += 4 * step;
      }
      for (; k < depth; k++) {
        for (let i = 0; i < width; i++) {
          store<f32>(to + (<usize>i << 2), scale * load<f32>(from + <usize>i * countStride));
        }
        from += 4;
        to += step;
      }
    }
  }
  if (full < end) {
    // The last panel has fewer vectors.
    const first = full * width;
    const left = p.count - first;
    for (let k = 0; k < depth; k++) {
      const from = p.source + <usize>first * countStride + <usize>k * depthStride;
      const to = p.target + <usize>full * panelBytes + <usize>k * step;
      for (let i = 0; i < width; i++) {
        const value: f32 = i < left ? scale * load<f32>(from + <usize>i * countStride) : 0;
        store<f32>(to + (<usize>i << 2), value);
      }
    }
  }
}

export function packPanels4(args: usize, begin: i32, end: i32, thread: i32): void {
  packPanels(args, begin, end, 4);
}

export function packPanels8(args: usize, begin: i32, end: i32, thread: i32): void {
  packPanels(args, begin, end, 8);
}
