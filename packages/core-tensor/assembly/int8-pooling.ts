import { threadWorkspace } from './control';
import { Requantization, requantize } from './int8-requantize';

@unmanaged
class Int8PoolingArguments {
  x: usize;
  y: usize;
  requantization: usize;
  /** For each row, then for each column of y: first place of the window, and the one after its last; clipped. */
  windows: usize;
  /** For each output of an image, what its sum is multiplied with; 0: maxima. */
  weights: usize;
  channels: i32;
  rows: i32;
  columns: i32;
  xImage: usize;
  xRow: usize;
  xColumn: usize;
  yImage: usize;
  yRow: usize;
  yColumn: usize;
}

/** Items are rows of an image. */
export function int8Pooling(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<Int8PoolingArguments>(args);
  const q = changetype<Requantization>(p.requantization);
  const width = <usize>((p.channels + 7) & ~7);
  const sums = threadWorkspace(thread);
  for (let item = begin; item < end; item++) {
    const n = <usize>(item / p.rows), r = item % p.rows;
    const top = load<i32>(p.windows + (<usize>r << 3)), bottom = load<i32>(p.windows + (<usize>r << 3), 4);
    let window = p.windows + (<usize>p.rows << 3);
    let weight = p.weights + (<usize>(r * p.columns) << 2);
    const x = p.x + n * p.xImage + <usize>top * p.xRow;
    let y = p.y + n * p.yImage + <usize>r * p.yRow;
    for (let i = 0; i < p.columns; i++) {
      const left = load<i32>(window), right = load<i32>(window, 4);
      const from = x + <usize>left * p.xColumn;
      for (let c: usize = 0; c < width; c += 8) {
        let row = from + (c << 1);
        const to = sums + (c << 2);
        if (p.weights) {
          let low = i32x4.splat(0), high = low;
          for (let h = top; h < bottom; h++) {
            let at = row;
            for (let w = left; w < right; w++) {
              const v = v128.load(at);
              low = i32x4.add(low, i32x4.extend_low_i16x8_s(v));
              high = i32x4.add(high, i32x4.extend_high_i16x8_s(v));
              at += p.xColumn;
            }
            row += p.xRow;
          }
          const times = i32x4.splat(load<i32>(weight));
          v128.store(to, i32x4.mul(low, times));
          v128.store(to, i32x4.mul(high, times), 16);
          continue;
        }
        let best = i16x8.splat(-32768);
        for (let h = top; h < bottom; h++) {
          let at = row;
          for (let w = left; w < right; w++) {
            best = i16x8.max_s(best, v128.load(at));
            at += p.xColumn;
          }
          row += p.xRow;
        }
        v128.store(to, i32x4.extend_low_i16x8_s(best));
        v128.store(to, i32x4.extend_high_i16x8_s(best), 16);
      }
      requantize(q, sums, 0, 0, 0, y, 0, 1, 0, p.channels);
      window += 8;
      weight += 4;
      y += p.yColumn;
    }
  }
}
