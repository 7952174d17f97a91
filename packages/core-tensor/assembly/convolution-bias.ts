@unmanaged
class BiasArguments {
  dy: usize;
  db: usize;
  batch: i32;
  channels: i32;
  plane: i32;
  accumulate: i32;
}

/** Values that are added up before they join the total; a multiple of 16. */
const PIECE = 1024;

/** db[o] = or += Σ over images and positions of dy. Items: output channels. */
export function biasGradients(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<BiasArguments>(args);
  const plane = p.plane;
  for (let o = begin; o < end; o++) {
    // Sums of pieces are added up, for the rounding of one long sum would grow with its length.
    let total = f32x4.splat(0);
    let rest: f32 = 0;
    for (let n = 0; n < p.batch; n++) {
      let from = p.dy + (<usize>(n * p.channels + o) * <usize>plane << 2);
      let left = plane;
      while (left >= 16) {
        let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
        let piece = min(left, PIECE) >> 4;
        left -= piece << 4;
        do {
          s0 = f32x4.add(s0, v128.load(from));
          s1 = f32x4.add(s1, v128.load(from, 16));
          s2 = f32x4.add(s2, v128.load(from, 32));
          s3 = f32x4.add(s3, v128.load(from, 48));
          from += 64;
        } while (--piece);
        total = f32x4.add(total, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
      }
      for (; left > 0; left--) {
        rest += load<f32>(from);
        from += 4;
      }
    }
    rest += f32x4.extract_lane(total, 0) + f32x4.extract_lane(total, 1);
    rest += f32x4.extract_lane(total, 2) + f32x4.extract_lane(total, 3);
    const to = p.db + (<usize>o << 2);
    store<f32>(to, p.accumulate ? load<f32>(to) + rest : rest);
  }
}
