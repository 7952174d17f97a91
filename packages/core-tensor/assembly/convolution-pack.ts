import { transpose4 } from './pack';

@unmanaged
class WeightArguments {
  /** Plain weights, and packed: [group][channel block][panel][channel, tap][row]. */
  plain: usize;
  packed: usize;
  panels: i32;
  /** Rows of a panel: 4, or 1 for groups of one output channel. */
  width: i32;
  m: i32;
  channels: i32;
  blockChannels: i32;
  taps: i32;
  /** Bytes in the plain weights. */
  groupStride: usize;
  rowStride: usize;
  channelStride: usize;
  /** Table: bytes from a kernel's first value to each tap's. */
  tapOffsets: usize;
  /** 1 where all taps of a kernel are used in order: then they can be moved as vectors. */
  inOrder: i32;
  /** Unpacking: packed partial gradients, added up in order; whether to add to what is there. */
  chunks: i32;
  chunkBytes: usize;
  accumulate: i32;
}

/** Packs 4 rows of `count` contiguous values as [value][row]. */
// @ts-ignore: decorator
@inline
function packRun(from: usize, rowStride: usize, count: i32, to: usize): void {
  const one = f32x4.splat(1);
  let k = 0;
  for (; k <= count - 4; k += 4) {
    transpose4(from, rowStride, to, 16, one);
    from += 16;
    to += 64;
  }
  for (; k < count; k++) {
    store<f32>(to, load<f32>(from));
    store<f32>(to, load<f32>(from + rowStride), 4);
    store<f32>(to, load<f32>(from + 2 * rowStride), 8);
    store<f32>(to, load<f32>(from + 3 * rowStride), 12);
    from += 4;
    to += 16;
  }
}

/** Packs weights; rows that are missing are zero. Items: (group, panel). */
export function packWeights(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WeightArguments>(args);
  const width = p.width, taps = p.taps, rowStride = p.rowStride, channelStride = p.channelStride;
  const oneRun = p.inOrder && channelStride == <usize>taps << 2;
  for (let item = begin; item < end; item++) {
    const g = item / p.panels, panel = item % p.panels;
    const firstRow = panel * width, rows = min(width, p.m - firstRow);
    const from = p.plain + <usize>g * p.groupStride + <usize>firstRow * rowStride;
    let block = p.packed + (<usize>(g * p.panels * width) * <usize>(p.channels * taps) << 2);
    for (let c0 = 0; c0 < p.channels; c0 += p.blockChannels) {
      const channels = min(p.blockChannels, p.channels - c0);
      const panelBytes = <usize>(channels * taps * width) << 2;
      let to = block + <usize>panel * panelBytes;
      block += <usize>p.panels * panelBytes;
      let fromChannel = from + <usize>c0 * channelStride;
      if (rows == 4 && oneRun) {
        packRun(fromChannel, rowStride, channels * taps, to);
        continue;
      }
      for (let c = 0; c < channels; c++) {
        if (rows == 4 && p.inOrder && taps > 1) {
          packRun(fromChannel, rowStride, taps, to);
          to += <usize>taps << 4;
        } else {
          for (let t = 0; t < taps; t++) {
            const at = fromChannel + load<usize>(p.tapOffsets + (<usize>t << 2));
            if (rows == 4 && rowStride == 4) v128.store(to, v128.load(at));
            else {
              for (let r = 0; r < width; r++) {
                const value: f32 = r < rows ? load<f32>(at + <usize>r * rowStride) : 0;
                store<f32>(to + (<usize>r << 2), value);
              }
            }
            to += <usize>width << 2;
          }
        }
        fromChannel += channelStride;
      }
    }
  }
}

/** The sum of `chunks` vectors that lie `chunkBytes` apart, in order. */
// @ts-ignore: decorator
@inline
function chunkSum(from: usize, chunks: i32, chunkBytes: usize): v128 {
  let sum = v128.load(from);
  for (let i = 1; i < chunks; i++) {
    from += chunkBytes;
    sum = f32x4.add(sum, v128.load(from));
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function writeGradient(to: usize, value: v128, accumulate: bool): void {
  v128.store(to, accumulate ? f32x4.add(v128.load(to), value) : value);
}

/** Adds up partial gradients in order and writes them as plain weights, taps in order. Items: (group, panel). */
export function unpackWeights(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WeightArguments>(args);
  const width = p.width, taps = p.taps, rowStride = p.rowStride, chunks = p.chunks, chunkBytes = p.chunkBytes;
  const accumulate = p.accumulate != 0;
  for (let item = begin; item < end; item++) {
    const g = item / p.panels, panel = item % p.panels;
    const firstRow = panel * width, rows = min(width, p.m - firstRow);
    const plain = p.plain + <usize>g * p.groupStride + <usize>firstRow * rowStride;
    let block = p.packed + (<usize>(g * p.panels * width) * <usize>(p.channels * taps) << 2);
    for (let c0 = 0; c0 < p.channels; c0 += p.blockChannels) {
      const depth = min(p.blockChannels, p.channels - c0) * taps;
      const panelBytes = <usize>(depth * width) << 2;
      let from = block + <usize>panel * panelBytes;
      let to = plain + <usize>c0 * p.channelStride;
      let k = 0;
      if (rows == 4) {
        for (; k <= depth - 4; k += 4) {
          const r0 = chunkSum(from, chunks, chunkBytes), r1 = chunkSum(from + 16, chunks, chunkBytes);
          const r2 = chunkSum(from + 32, chunks, chunkBytes), r3 = chunkSum(from + 48, chunks, chunkBytes);
          const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
          const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
          writeGradient(to, v128.shuffle<f64>(a, c, 0, 2), accumulate);
          writeGradient(to + rowStride, v128.shuffle<f64>(a, c, 1, 3), accumulate);
          writeGradient(to + 2 * rowStride, v128.shuffle<f64>(b, d, 0, 2), accumulate);
          writeGradient(to + 3 * rowStride, v128.shuffle<f64>(b, d, 1, 3), accumulate);
          from += 64;
          to += 16;
        }
      }
      for (; k < depth; k++) {
        for (let r = 0; r < rows; r++) {
          let part = from + (<usize>r << 2);
          let sum: f32 = 0;
          for (let i = 0; i < chunks; i++) {
            sum += load<f32>(part);
            part += chunkBytes;
          }
          const at = to + <usize>r * rowStride;
          store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
        }
        from += <usize>width << 2;
        to += 4;
      }
      block += <usize>p.panels * panelBytes;
    }
  }
}
