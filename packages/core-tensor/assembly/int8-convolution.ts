import { threadWorkspace } from './control';
import { Requantization, requantize } from './int8-requantize';
import { dotTile } from './int8-tile';

@unmanaged
class Int8ConvolutionArguments {
  /** First tap of the first output; the first output. */
  x: usize;
  y: usize;
  /** [group][panel][tap][pair][8 outputs][2], or [tap][channel] for one channel a group. */
  weights: usize;
  /** Bytes from the first tap to each. */
  offsets: usize;
  requantization: usize;
  taps: i32;
  pairs: i32;
  groups: i32;
  panels: i32;
  /** Outputs of a group; in the panels, the sum of the inputs follows where `inputs` is 1. */
  outputs: i32;
  inputs: i32;
  /** Bytes from group to group of x. */
  xGroup: usize;
  rows: i32;
  columns: i32;
  /** Rows of an item, and items of an image. */
  itemRows: i32;
  items: i32;
  /** Bytes from output to output. */
  xImage: usize;
  xRow: usize;
  xColumn: usize;
  yImage: usize;
  yRow: usize;
  yColumn: usize;
}

/** Items are blocks of rows of an image. */
export function int8Convolution(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<Int8ConvolutionArguments>(args);
  const columns = p.columns, panels = p.panels, groups = p.groups, taps = p.taps, pairs = p.pairs;
  const most = p.itemRows * columns;
  // pixels' addresses, then sums
  const places = threadWorkspace(thread);
  const sums = places + ((((<usize>most + 3) << 2) + 63) & ~63);
  const groupBytes = <usize>panels << 5;
  const stride = groupBytes * <usize>groups;
  const panelBytes = <usize>(taps * pairs) << 5;
  const q = changetype<Requantization>(p.requantization);
  for (let item = begin; item < end; item++) {
    const n = item / p.items;
    const r0 = (item % p.items) * p.itemRows;
    const r1 = min(r0 + p.itemRows, p.rows);
    const count = (r1 - r0) * columns;
    let place = places;
    for (let r = r0; r < r1; r++) {
      let x = p.x + <usize>n * p.xImage + <usize>r * p.xRow;
      for (let c = 0; c < columns; c++) {
        store<usize>(place, x);
        x += p.xColumn;
        place += 4;
      }
    }
    for (let i = 0; i < 3; i++) store<usize>(place + (<usize>i << 2), load<usize>(places));
    let weights = p.weights;
    for (let g = 0; g < groups; g++) {
      const from = <usize>g * p.xGroup;
      for (let panel = 0; panel < panels; panel++) {
        let out = sums + <usize>g * groupBytes + (<usize>panel << 5);
        let at = places;
        for (let i = 0; i < count; i += 4) {
          dotTile(
            weights, load<usize>(at) + from, load<usize>(at, 4) + from, load<usize>(at, 8) + from,
            load<usize>(at, 12) + from, p.offsets, taps, pairs, out, stride,
          );
          at += 16;
          out += stride << 2;
        }
        weights += panelBytes;
      }
    }
    for (let g = 0; g < groups; g++) {
      let from = sums + <usize>g * groupBytes;
      for (let r = r0; r < r1; r++) {
        const y = p.y + <usize>n * p.yImage + <usize>r * p.yRow + (<usize>(g * p.outputs) << 1);
        const others = p.inputs ? from + (<usize>p.outputs << 2) : 0;
        requantize(q, from, others, 0, stride, y, p.yColumn, columns, g * panels * 8, p.outputs);
        from += <usize>columns * stride;
      }
    }
  }
}

/** One channel in, one out, in each group. Items are rows of an image. */
export function int8Depthwise(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<Int8ConvolutionArguments>(args);
  const channels = p.groups, taps = p.taps, inputs = p.inputs;
  const q = changetype<Requantization>(p.requantization);
  const width = <usize>((channels + 7) & ~7);
  const sums = threadWorkspace(thread), others = sums + (width << 2);
  for (let item = begin; item < end; item++) {
    const n = item / p.rows, r = item % p.rows;
    let x = p.x + <usize>n * p.xImage + <usize>r * p.xRow;
    let y = p.y + <usize>n * p.yImage + <usize>r * p.yRow;
    for (let i = 0; i < p.columns; i++) {
      for (let c: usize = 0; c < width; c += 8) {
        let low = i32x4.splat(0), high = low, low1 = low, high1 = low;
        let w = p.weights + (c << 1);
        let offsets = p.offsets;
        for (let tap = 0; tap < taps; tap++) {
          const v = v128.load(x + load<usize>(offsets) + (c << 1)), u = v128.load(w);
          low = i32x4.add(low, i32x4.extmul_low_i16x8_s(v, u));
          high = i32x4.add(high, i32x4.extmul_high_i16x8_s(v, u));
          if (inputs) {
            low1 = i32x4.add(low1, i32x4.extend_low_i16x8_s(v));
            high1 = i32x4.add(high1, i32x4.extend_high_i16x8_s(v));
          }
          w += width << 1;
          offsets += 4;
        }
        v128.store(sums + (c << 2), low);
        v128.store(sums + (c << 2), high, 16);
        v128.store(others + (c << 2), low1);
        v128.store(others + (c << 2), high1, 16);
      }
      requantize(q, sums, inputs ? others : 0, 4, 0, y, 0, 1, 0, channels);
      x += p.xColumn;
      y += p.yColumn;
    }
  }
}
